export default function (data) {
  console.log(JSON.stringify({ data: String(data) }));
}
