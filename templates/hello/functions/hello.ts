export default (request: Request) => {
  const name = new URL(request.url).searchParams.get('name') ?? 'world';
  return `Hello, ${name}!\n`;
};
