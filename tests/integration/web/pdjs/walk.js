// Walks through what PagerDuty's client for Node can do with a server; prints what came, as one line of JSON.
const {api, change, event} = require('@pagerduty/pdjs');

const [server, routing_key, token] = process.argv.slice(2);

async function main() {
  const payload = {summary: 'The till gives no answer', source: 'pdjs', severity: 'critical'};
  const told = await event({server, data: {routing_key, event_action: 'trigger', dedup_key: 'till', payload}});
  const deployed = await change({server, data: {routing_key, payload: {summary: 'Deployed 4711'}}});
  const wrong = await event({server, data: {routing_key: 'short', event_action: 'trigger', payload}});
  const pd = api({server, token});
  let open = [];
  while (!open.length) open = (await pd.get('/incidents', {data: {'statuses[]': 'triggered'}})).data.incidents;
  const incident = {id: open[0].id, type: 'incident_reference', status: 'acknowledged'};
  const taken = (await pd.put('/incidents', {data: {incidents: [incident]}})).data.incidents[0];
  const noted = await pd.post(`/incidents/${open[0].id}/notes`, {data: {note: {content: 'on it'}}});
  // Its `all` knows servers under .com alone; `next` is what it walks by.
  const pages = [await pd.get('/oncalls', {data: {limit: '1'}})];
  while (pages[pages.length - 1].next) pages.push(await pages[pages.length - 1].next());
  const over = await event({server, data: {routing_key, event_action: 'resolve', dedup_key: 'till'}});
  const denied = await api({server, token: 'wrong', endpoint: '/users'});
  console.log(JSON.stringify({
    told: [told.status, told.data], deployed: [deployed.status, deployed.data], wrong: [wrong.status, wrong.data.status],
    open: open[0], taken: taken.status, noted: [noted.status, noted.data.note.content], pages: pages.length,
    over: over.status, denied: [denied.status, denied.data.error.code],
  }));
}

main();
