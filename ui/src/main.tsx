// Where the page starts.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { Refused } from './api/http';
import { App } from './app/App';
import { basePath } from './config/boot';
import './theme/tokens.css';
import './theme/base.css';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      // A network or a busy store may be back in a moment; what is wrong stays wrong.
      retry: (tries, error) => tries < 1 && error instanceof Refused && (error.status === 0 || error.status === 503),
    },
  },
});

const root = document.getElementById('jaeger-ui-root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        {/* What is typed is in the URL: a transition would lose letters. */}
        <BrowserRouter basename={basePath || '/'} useTransitions={false}>
          <App />
        </BrowserRouter>
      </QueryClientProvider>
    </StrictMode>,
  );
}
