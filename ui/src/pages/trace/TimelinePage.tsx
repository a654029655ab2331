// The timeline with its bars above: find, services, levels, keys.
import { type ReactNode, useRef } from 'react';
import { boot } from '../../config/boot';
import { deeper, OPEN } from '../../timeline/collapse';
import { FindBar } from '../../timeline/FindBar';
import { KeyList } from '../../timeline/KeyList';
import { Services } from '../../timeline/Services';
import { Timeline } from '../../timeline/Timeline';
import { useKeys } from '../../timeline/useKeys';
import { useTimeline } from '../../timeline/useTimeline';
import type { Trace } from '../../trace/Trace';
import { useUrl } from '../../url/useUrl';
import { Header } from './Header';
import css from './header.module.css';

interface Props {
  trace: Trace;
  raw: boolean;
  fresh: boolean;
  views: ReactNode;
}

export function TimelinePage({ trace, raw, fresh, views }: Props) {
  const { set } = useUrl();
  const state = useTimeline(trace);
  const { collapse, setCollapse } = state;
  const input = useRef<HTMLInputElement>(null);
  const dialog = useRef<HTMLDialogElement>(null);
  useKeys(trace, state, {
    find: () => input.current?.focus(),
    clear: () => set({ uiFind: undefined, find: undefined }),
    help: () => dialog.current?.showModal(),
  });
  return (
    <>
      <Header trace={trace} raw={raw} fresh={fresh}>
        <div className={css.bar}>
          {views}
          <FindBar state={state} input={input} />
          <span className={css.levels}>
            <button type="button" onClick={() => setCollapse({ level: 0, except: [] })}>
              Close all
            </button>
            <button type="button" onClick={() => setCollapse(deeper(collapse, trace, -1))} aria-label="One level less">
              −
            </button>
            <button type="button" onClick={() => setCollapse(deeper(collapse, trace, 1))} aria-label="One level more">
              +
            </button>
            <button type="button" onClick={() => setCollapse(OPEN)}>
              Open all
            </button>
            <button type="button" onClick={() => dialog.current?.showModal()}>
              Keys
            </button>
          </span>
        </div>
        <Services trace={trace} />
      </Header>
      <Timeline trace={trace} config={boot.ui} state={state} />
      <KeyList dialog={dialog} />
    </>
  );
}
