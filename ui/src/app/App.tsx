// The frame around every page, and which page a path is. Pages come in chunks of their own.
import { lazy, Suspense } from 'react';
import { Navigate, Route, Routes, useLocation, useParams } from 'react-router';
import { Boundary } from '../components/Boundary';
import { Foot } from '../components/Foot';
import { Empty, Loading } from '../components/states';
import { TopBar } from '../components/TopBar';
import { boot } from '../config/boot';
import Search from '../pages/search';
import { useEmbed } from '../url/embed';
import css from './App.module.css';

const TracePage = lazy(() => import('../pages/trace'));
const Compare = lazy(() => import('../pages/compare'));
const Dependencies = lazy(() => import('../pages/dependencies'));
const Monitor = lazy(() => import('../pages/monitor'));
const Upload = lazy(() => import('../pages/upload'));

export function App() {
  const { embedded } = useEmbed();
  const { pathname } = useLocation();
  return (
    <>
      {!embedded && <TopBar />}
      <main className={css.main}>
        <Boundary key={pathname}>
          <Suspense fallback={<Loading what="the page" />}>
            <Routes>
              <Route path="/" element={<Navigate to="/search" replace />} />
              <Route path="/search" element={<Search />} />
              <Route path="/trace/:id" element={<OneOrTwo />} />
              {boot.ui.dependencies.menuEnabled && <Route path="/dependencies" element={<Dependencies />} />}
              {boot.ui.monitor.menuEnabled && <Route path="/monitor" element={<Monitor />} />}
              <Route path="/upload" element={<Upload />} />
              <Route path="*" element={<Nowhere />} />
            </Routes>
          </Suspense>
        </Boundary>
      </main>
      {!embedded && <Foot />}
    </>
  );
}

/** `/trace/{id}`, or `/trace/{a}...{b}` to compare. */
function OneOrTwo() {
  const { id = '' } = useParams();
  return id.includes('...') ? <Compare /> : <TracePage key={id} id={id.toLowerCase()} />;
}

function Nowhere() {
  return (
    <Empty title="There is no such page">
      <p>
        See the links above, or <a href={`${document.baseURI}search`}>search</a> for a trace.
      </p>
    </Empty>
  );
}
