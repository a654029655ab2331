// `/search`: the form beside what it found.
import { Link } from 'react-router';
import { useServices } from '../../api/names';
import { Empty, Failure, Loading } from '../../components/states';
import { boot } from '../../config/boot';
import { FirstSteps } from '../../search/FirstSteps';
import { Form } from '../../search/Form';
import { Results } from '../../search/Results';
import { canSearch, useFound } from '../../search/useFound';
import { useZone } from '../../theme/preferences';
import { useEmbed } from '../../url/embed';
import { useTitle } from '../../url/useTitle';
import css from './search.module.css';

export default function Search() {
  const { embedded } = useEmbed();
  const zone = useZone();
  const services = useServices();
  const { data: found, error, isFetching, refetch, query, ids, ask } = useFound();
  useTitle(query.service ? `Search ${query.service}` : 'Search');
  const nothingStored = services.data?.length === 0 && !found?.summaries.length;
  return (
    <div className={embedded ? undefined : css.page}>
      {!embedded && (
        <aside className={css.side}>
          {/* Another URL or zone is another form: it shows what they say. */}
          <Form key={JSON.stringify(query) + zone} query={query} ask={ask} />
          {!boot.ui.disableFileUpload && (
            <p className={css.files}>
              <Link to="/upload">Open traces of a file</Link>
            </p>
          )}
        </aside>
      )}
      <div className={css.found}>
        {nothingStored ? (
          <FirstSteps />
        ) : error ? (
          <Failure what="traces" error={error} retry={refetch} />
        ) : found && found.summaries.length > 0 ? (
          <Results found={found} busy={isFetching} limit={query.limit} />
        ) : found ? (
          <Empty title="No traces found">
            <p>{ids.length > 0 ? found.leftOut : 'No trace of that time has a span that fits all that you gave.'}</p>
            <p className="dim">
              Look back further, take a tag or a duration away, or see whether the service is called otherwise.
            </p>
          </Empty>
        ) : canSearch(query) ? (
          <Loading what="traces" />
        ) : (
          <Empty title="Choose a service">
            <p className="dim">This store searches within one service. Choose it, then find its traces.</p>
          </Empty>
        )}
      </div>
    </div>
  );
}
