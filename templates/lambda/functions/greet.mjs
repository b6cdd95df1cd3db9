export const handler = async (event, context) => {
  const name = event.queryStringParameters?.name ?? 'world';
  console.log('greeting', name, 'with', context.getRemainingTimeInMillis(), 'ms left');
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ greeting: `Hello, ${name}!` }),
  };
};
