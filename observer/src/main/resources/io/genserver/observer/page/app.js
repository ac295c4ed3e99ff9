import {h, on, show} from './dom.js';
import {head, menu, screens} from './screens.js';

const POINTS = 60;
const TITLES = {timeline: 'time line'};

const element = id => document.getElementById(id);
const history = []; // of the head, the newest last
let session = {action: '', allowActions: false, showState: false};
let stream = null;
let frozen = false;
let last = null; // what was received last
let place = {screen: 'overview', query: {}};
let local = {}; // of this screen: what was looked up, what an action has answered

function parse() {
  const [screen, query] = location.hash.slice(1).split('?');
  return {
    screen: screens[screen] ? screen : 'overview',
    query: Object.fromEntries(new URLSearchParams(query ?? '')),
  };
}

function go(query) {
  const left = Object.fromEntries(
    Object.entries({...place.query, ...query}).filter(([, value]) => value !== ''));
  const text = new URLSearchParams(left).toString();
  window.history.replaceState(null, '', `#${place.screen}${text ? `?${text}` : ''}`);
  place = parse();
  connect();
}

function connect() {
  stream?.close();
  stream = null;
  if (frozen || document.hidden) return status();
  stream = new EventSource(`/stream/${place.screen}?${new URLSearchParams(place.query)}`);
  const mine = stream;
  stream.onmessage = event => {
    if (mine !== stream) return;
    const {head: counts, screen: data} = JSON.parse(event.data);
    last = {screen: place.screen, head: counts, data};
    const now = last.head;
    if (now.at !== history.at(-1)?.at) history.push(now);
    if (history.length > POINTS) history.shift();
    render();
  };
  stream.onerror = () => {
    status('no connection');
    if (mine.readyState === EventSource.CLOSED && mine === stream) setTimeout(connect, 3000);
  };
}

function status(problem) {
  const text = problem ?? (frozen ? 'frozen' : document.hidden ? 'paused' : last
    ? `${new Date(last.head.at).toLocaleTimeString('en-GB')}, every ${(last.head.pause / 1000).toFixed(0)} s`
    : 'connecting');
  element('status').textContent = text;
}

function render() {
  if (!last || last.screen !== place.screen) return;
  element('node').textContent = last.head.node;
  document.title = `${last.head.problems ? `(${last.head.problems}) ` : ''}${last.head.node}`;
  show(element('head'), head(last.head, history));
  show(element('main'), screens[place.screen](last.data, {...place.query, ...local}, session));
  navigation();
  status();
}

function navigation() {
  show(element('nav'), menu.map((name, i) =>
    h('a', {href: `#${name}`, accesskey: i + 1,
      'aria-current': name === place.screen ? 'page' : null},
    TITLES[name] ?? name,
    name === 'overview' && last?.head.problems
      ? h('span', {class: 'badge'}, last.head.problems) : null)));
}

function arrive() {
  place = parse();
  local = {};
  navigation();
  if (frozen) freeze();
  else connect();
  scrollTo(0, 0);
}

function freeze() {
  frozen = !frozen;
  element('freeze').setAttribute('aria-pressed', frozen);
  element('freeze').textContent = frozen ? 'frozen' : 'freeze';
  connect();
}

async function ask(path, options) {
  const response = await fetch(path, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.problem ?? response.statusText);
  return answer;
}

on('sort', button => go({by: button.dataset.by, from: ''}));
on('page', button => go({from: Math.max(0, Number(place.query.from ?? 0) + Number(button.dataset.by))}));
on('kind', button => {
  const kinds = new Set((place.query.kinds ?? '').split(',').filter(Boolean));
  if (!kinds.delete(button.dataset.kind)) kinds.add(button.dataset.kind);
  go({kinds: [...kinds].join(',')});
});
on('twist', button => {
  const list = button.dataset.open === 'true' ? ['shut', 'open'] : ['open', 'shut'];
  const [to, from] = list.map(name => new Set((place.query[name] ?? '').split(',').filter(Boolean)));
  to.add(button.dataset.id);
  from.delete(button.dataset.id);
  go({[list[0]]: [...to].join(','), [list[1]]: [...from].join(',')});
});

let typing = 0;
on('search', input => {
  clearTimeout(typing);
  typing = setTimeout(() => go({q: input.value, from: ''}), 200);
});

on('look', async button => {
  try {
    const answer = await ask(`/api/${button.dataset.what}?id=${button.dataset.id}`);
    local.found = button.dataset.what === 'state'
      ? [answer.state, ...Object.entries(answer.dictionary).map(([key, value]) => `\n${key} = ${value}`)].join('')
      : `${answer.total} messages\n${answer.first.join('\n')}`;
  } catch (problem) {
    local.found = problem.message;
  }
  render();
});

on('act', async button => {
  const action = button.dataset.do;
  if (action === 'kill' && !confirm('Kill this process?')) return;
  try {
    await ask(`/api/action?do=${action}&id=${button.dataset.id}`,
      {method: 'POST', headers: {'X-Observer-Action': session.action}});
    local.notice = `${action}: done`;
  } catch (problem) {
    local.notice = `${action}: ${problem.message}`;
  }
  render();
});

on('freeze', freeze);
element('freeze').dataset.click = 'freeze';

document.addEventListener('keydown', event => {
  const writes = event.target.closest('input, select, textarea');
  if (event.key === 'Escape') {
    if (writes) event.target.blur();
    else window.history.back();
  }
  if (writes || event.ctrlKey || event.metaKey || event.altKey) return;
  const screen = menu[Number(event.key) - 1];
  if (screen) location.hash = `#${screen}`;
  else if (event.key === '/') {
    event.preventDefault();
    if (place.screen === 'processes') element('search')?.focus();
    else location.hash = '#processes';
  } else if (event.key === ' ' && !event.target.closest('button, summary, a')) {
    event.preventDefault();
    freeze();
  }
});

addEventListener('hashchange', arrive);
document.addEventListener('visibilitychange', connect);

place = parse();
navigation();
ask('/api/session').then(answer => {
  session = answer;
  connect();
}, problem => status(problem.message));
