// What stands above every page: where to go, a trace by its id, the operator's menu, time zone and colours.
import { type FormEvent, useState } from 'react';
import { NavLink, useNavigate } from 'react-router';
import { basePath, boot } from '../config/boot';
import type { MenuItem } from '../config/uiConfig';
import { zoneName } from '../format/time';
import { prefer, type Theme, usePreferences } from '../theme/preferences';
import css from './TopBar.module.css';

export function TopBar() {
  const { ui, can } = boot;
  return (
    <header className={css.bar}>
      <NavLink to="/search" className={css.brand}>
        <img src={`${basePath}/static/icon.svg`} alt="" width="22" height="22" />
        Traces
      </NavLink>
      <nav className={css.nav} aria-label="Pages">
        <NavLink to="/search">Search</NavLink>
        <NavLink to="/trace/...">Compare</NavLink>
        {ui.dependencies.menuEnabled && <NavLink to="/dependencies">System</NavLink>}
        {can.metrics && ui.monitor.menuEnabled && <NavLink to="/monitor">Monitor</NavLink>}
      </nav>
      <Lookup />
      {ui.menu.length > 0 && (
        <nav className={css.menu} aria-label="Links">
          {ui.menu.map(item => (
            <Item key={item.label} item={item} />
          ))}
        </nav>
      )}
      <Switches />
    </header>
  );
}

function Lookup() {
  const navigate = useNavigate();
  const [id, setId] = useState('');
  const [wrong, setWrong] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = id.trim().toLowerCase();
    if (!/^[0-9a-f]{1,32}$/.test(wanted)) return setWrong(true);
    setId('');
    navigate(`/trace/${wanted}`);
  };
  return (
    <form className={css.lookup} onSubmit={submit}>
      <input
        value={id}
        onChange={event => {
          setId(event.target.value);
          setWrong(false);
        }}
        placeholder="Trace ID…"
        aria-label="Trace ID"
        aria-invalid={wrong}
        title={wrong ? 'A trace ID has up to 32 digits, 0-9 and a-f' : undefined}
        spellCheck={false}
        autoComplete="off"
      />
    </form>
  );
}

function Item({ item }: { item: MenuItem }) {
  if (!item.items) return <Outside item={item} />;
  return (
    <details className={css.group}>
      <summary>{item.label}</summary>
      <div>
        {item.items.map(inner => (
          <Outside key={inner.label} item={inner} />
        ))}
      </div>
    </details>
  );
}

/** Only http and https: a menu is configuration, but a `javascript:` in it is a mistake or worse. */
function Outside({ item }: { item: MenuItem }) {
  if (!item.url || !/^(https?:|\/(?!\/))/i.test(item.url)) return <span className="dim">{item.label}</span>;
  return (
    <a href={item.url} target={item.anchorTarget ?? '_blank'} rel="noopener noreferrer">
      {item.label}
    </a>
  );
}

const NEXT: Record<Theme, Theme> = { system: 'dark', dark: 'light', light: 'system' };

function Switches() {
  const { theme, zone } = usePreferences();
  return (
    <div className={css.switches}>
      <button
        type="button"
        className="plain"
        title="Switch between local time and UTC"
        onClick={() => prefer({ zone: zone === 'utc' ? 'local' : 'utc' })}
      >
        Times: {zone === 'utc' ? 'UTC' : zoneName(zone)}
      </button>
      <button type="button" className="plain" title="Colours" onClick={() => prefer({ theme: NEXT[theme] })}>
        Colours: {theme === 'system' ? 'Auto' : theme === 'dark' ? 'Dark' : 'Light'}
      </button>
    </div>
  );
}
