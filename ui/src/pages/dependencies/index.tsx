export default function Dependencies() {
  return <h1>Dependencies</h1>;
}
