// `/upload`: traces of files, shown as those of the store are.
import { type DragEvent, useState } from 'react';
import { Link } from 'react-router';
import { Empty } from '../../components/states';
import { boot } from '../../config/boot';
import { count } from '../../format/count';
import { duration } from '../../format/duration';
import { line } from '../../format/text';
import { dateTime } from '../../format/time';
import { useZone } from '../../theme/preferences';
import { openFiles } from '../../upload/open';
import { type OpenedFile, useOpened } from '../../upload/opened';
import { useTitle } from '../../url/useTitle';
import css from './upload.module.css';

export default function Upload() {
  useTitle('Open a file');
  const files = useOpened();
  const [reading, setReading] = useState(false);
  const [over, setOver] = useState(false);
  if (boot.ui.disableFileUpload) {
    return (
      <Empty title="Files cannot be opened here">
        <p>
          The operator turned this off (<code>disableFileUploadControl</code> in the page's settings).
        </p>
      </Empty>
    );
  }
  const open = async (list: FileList | null) => {
    if (!list || list.length === 0) return;
    setReading(true);
    await openFiles(list);
    setReading(false);
  };
  const drag = (event: DragEvent, isOver: boolean) => {
    event.preventDefault();
    setOver(isOver);
  };
  return (
    <div className={css.page}>
      <h1>Open a file</h1>
      <label
        className={over ? `${css.drop} ${css.over}` : css.drop}
        onDragOver={event => drag(event, true)}
        onDragLeave={event => drag(event, false)}
        onDrop={event => {
          drag(event, false);
          open(event.dataTransfer.files);
        }}
      >
        <strong>Choose files, or drop them here</strong>
        <span className="dim">
          Traces as saved by this page or by <code>/api/traces</code>, or OTLP in JSON, one object or one a line. They
          stay in this page: nothing is stored, and a reload forgets them.
        </span>
        <input
          type="file"
          multiple
          accept=".json,.jsonl,application/json"
          onChange={event => open(event.target.files)}
        />
      </label>
      <p role="status" className="dim">
        {reading ? 'Reading…' : ''}
      </p>
      {files.map(file => (
        <File key={file.name} file={file} />
      ))}
    </div>
  );
}

function File({ file }: { file: OpenedFile }) {
  const zone = useZone();
  return (
    <section className={css.file} aria-label={file.name}>
      <h2>
        <bdi>{line(file.name)}</bdi>
      </h2>
      {file.error && (
        <p className="bad" role="alert">
          {line(file.error, 2000)}
        </p>
      )}
      <ul>
        {file.traces.map(trace => (
          <li key={trace.id}>
            <Link to={`/trace/${trace.id}`} className="cut">
              <bdi>
                {line(trace.service(0))}: {line(trace.operation(0))}
              </bdi>
            </Link>
            <span className="dim">
              {dateTime(trace.start, zone)} · {duration(trace.duration)} · {count(trace.size, 'span')}
              {trace.errors > 0 && <span className="bad"> · {count(trace.errors, 'error')}</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
