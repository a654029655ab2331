// `/search`: the form beside what it found.
export default function Search() {
  return <h1>Search</h1>;
}
