import {h, svg} from './dom.js';

const number = new Intl.NumberFormat('en');
const KINDS = {
  CRASH: 'crash', RESTART: 'restart', GAVE_UP: 'gave up', DEAD_LETTER: 'dead letter',
  LONG_TURN: 'long turn', LONG_MAILBOX: 'long mailbox', CALL_TIMEOUT: 'call timeout',
  CALL_CIRCLE: 'call circle',
};

const count = value => value === null || value === undefined ? '–' : number.format(value);
const time = millis => new Date(millis).toLocaleTimeString('en-GB');
const at = instant => time(Date.parse(instant));
const simple = name => /^[\w.$]+$/.test(name) ? name.slice(name.lastIndexOf('.') + 1) : name;
const rate = value => count(value >= 100 ? Math.round(value) : value);

function age(seconds) {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

// A link to a process, by its name if it has one.
function process(brief, label) {
  const text = [
    brief.name ?? simple(brief.what),
    label ? [' ', h('span', {class: 'label'}, label)] : null,
    ' ', h('span', {class: 'pid'}, brief.pid.replace('#PID', '')),
    brief.name ? [' ', h('span', {class: 'what'}, simple(brief.what))] : null,
  ];
  return brief.id
    ? h('a', {class: 'process', href: `#process?id=${brief.id}`, title: brief.what}, text)
    : h('span', {class: 'dim', title: brief.what}, text);
}

const status = value => h('span', {class: `pill ${value}`}, value.toLowerCase());
const kind = value => h('span', {class: `pill ${value}`}, KINDS[value] ?? value);
const mailbox = value =>
  h('span', {class: value >= 1000 ? 'hot' : value >= 100 ? 'warm' : ''}, count(value));

function card(title, note, ...content) {
  return h('section', {class: 'card', 'data-key': title},
    h('h2', {}, title, note ? h('small', {}, note) : null), content);
}

const empty = text => h('div', {class: 'empty'}, text);

function table(columns, rows, options = {}) {
  return h('table', {class: options.class},
    h('thead', {}, h('tr', {}, columns.map(([title, , type]) => h('th', {class: type}, title)))),
    h('tbody', {}, rows.map(row =>
      h('tr', {}, columns.map(([, cell, type]) => h('td', {class: type}, cell(row)))))));
}

const PROCESS = ['process', row => process(row, row.label), 'wide'];
const STATUS = ['status', row => status(row.status)];
const MAILBOX = ['mailbox', row => mailbox(row.mailbox), 'n'];
const RATE = ['per s', row => rate(row.rate), 'n'];

const counted = (n, one, many) => `${count(n)} ${n === 1 ? one : many}`;

function tile(name, value, note, points) {
  return h('div', {class: 'tile', 'data-key': name},
    h('div', {class: 'name'}, name), h('div', {class: 'value'}, value),
    points ? spark(points) : h('div', {class: 'note', title: note}, note ?? ' '));
}

function spark(points) {
  const most = Math.max(1, ...points);
  const width = 60;
  const line = points.map((p, i) =>
    `${width - points.length + i + 1},${(20 - 18 * p / most).toFixed(1)}`).join(' ');
  return svg('svg', {viewBox: `0 0 ${width} 22`, preserveAspectRatio: 'none', role: 'img',
    'aria-label': 'the last looks'}, svg('polyline', {points: line}));
}

export function head(now, history) {
  return h('div', {class: 'tiles'},
    tile('processes', count(now.processes),
      `${count(now.running)} run · ${count(now.waiting)} wait · ${count(now.hibernating)} hibernate`),
    tile('run queue', count(now.runnable), null, history.map(x => x.runnable)),
    tile('messages per second', rate(now.rate), null, history.map(x => x.rate ?? 0)),
    tile('messages in mailboxes', count(now.queued), null, history.map(x => x.queued)));
}

function event(entry) {
  const line = [
    h('span', {class: 'dim'}, at(entry.at)), ' ', kind(entry.kind),
    entry.count > 1 ? [' ', h('b', {}, `×${count(entry.count)}`)] : null, ' ',
    entry.process
      ? h('a', {class: 'process', href: `#process?id=${entry.process}`}, simple(entry.subject))
      : simple(entry.subject),
    ' ', h('span', {class: 'what'}, entry.text)];
  return entry.detail
    ? h('details', {class: 'event', 'data-key': entry.number}, h('summary', {}, line), h('pre', {}, entry.detail))
    : h('div', {class: 'event', 'data-key': entry.number}, line);
}

function overview(data) {
  const dead = Object.values(data.deadLetters).reduce((sum, each) => sum + each, 0);
  const worst = Object.entries(data.deadLetters).sort((a, b) => b[1] - a[1])[0];
  return [
    card('What is wrong now', null, data.problems.length === 0
      ? h('div', {class: 'fine'}, 'Nothing that the observer knows of.')
      : data.problems.map(problem =>
        h('div', {class: `problem ${problem.severe ? 'severe' : ''}`},
          h('span', {class: 'text'},
            problem.process ? [process(problem.process), ': '] : null, problem.text),
          h('a', {href: problem.process && problem.screen === 'process'
            ? `#process?id=${problem.process.id}` : `#${problem.screen}`}, 'show')))),
    h('div', {class: 'tiles', 'data-key': 'totals'},
      tile('crashes', count(data.crashes), 'since the observer began'),
      tile('restarts', count(data.restarts), `${counted(data.gaveUp, 'supervisor', 'supervisors')} gave up`),
      tile('call timeouts', count(data.callTimeouts), counted(data.longTurns, 'long turn', 'long turns')),
      tile('dead letters', count(dead),
        worst && worst[1] ? worst[0].toLowerCase().replaceAll('_', ' ') : 'none'),
      tile('heap', `${count(Math.round(data.heapUsed / 1048576))} MB`,
        `of ${count(Math.round(data.heapMost / 1048576))} MB`)),
    h('div', {class: 'columns', 'data-key': 'columns'},
      card('Busiest', 'since the last look', table([PROCESS, STATUS, RATE], data.busiest)),
      card('Longest mailboxes', null, table([PROCESS, STATUS, MAILBOX], data.longest))),
    card('Last events', null, data.latest.length ? data.latest.map(event) : empty('None yet.')),
  ];
}

function tree(data, state) {
  const indent = depth => svg('svg', {class: 'indent', width: depth * 22, height: 1});
  const line = each => {
    const row = each.process;
    const id = row ? String(row.id) : '';
    const child = each.child;
    return h('tr', {'data-key': row ? `p${id}` : `c${child?.id}`},
      h('td', {class: 'wide'},
        indent(each.depth),
        each.children
          ? h('button', {class: 'twist', type: 'button', 'data-click': 'twist', 'data-id': id,
            'data-open': each.open, 'aria-expanded': each.open, title: `${each.children} children`},
          each.open ? '▾' : '▸')
          : svg('svg', {class: 'indent', width: 20, height: 1}),
        row ? process(row, row.label)
          : child ? [child.id, ' ', h('span', {class: `pill ${child.restarting ? 'red' : ''}`},
            child.restarting ? 'waits for a restart' : 'not running')]
          : h('span', {class: 'dim'}, `and ${count(each.more)} more processes without a parent`),
        row && each.children && !each.open
          ? [' ', h('span', {class: 'pill'}, `${count(each.children)} children`)] : null,
        row && each.more
          ? [' ', h('a', {href: `#processes?parent=${id}`}, `all ${count(each.children)}`)] : null),
      h('td', {}, row ? status(row.status) : ''),
      h('td', {class: 'n'}, row ? mailbox(row.mailbox) : ''),
      h('td', {class: 'n'}, row ? count(row.handled) : ''),
      h('td', {class: 'n'}, each.restarts ? h('span', {class: 'warm'}, count(each.restarts)) : ''),
      h('td', {}, child?.ends
        ? h('span', {class: 'dim', title: child.lastEnd},
          `ended ${count(child.ends)}×, last ${time(child.endedAt)}`) : ''));
  };
  return card('Processes below those that started them',
    data.cut ? 'the first 2,000 lines; close some branches to see the others' : null,
    h('table', {class: 'tree'},
      h('thead', {}, h('tr', {}, ['process', 'status', 'mailbox', 'handled', 'restarts', 'as a child']
        .map((title, i) => h('th', {class: i > 1 && i < 5 ? 'n' : ''}, title)))),
      h('tbody', {}, data.lines.map(line))));
}

const ORDERS = {
  MAILBOX: 'mailbox', LONGEST: 'longest mailbox', HANDLED: 'handled', RATE: 'per s', NEWEST: 'age',
};

function processes(data, state) {
  const sort = (by, title) => h('button', {type: 'button', 'data-click': 'sort', 'data-by': by,
    'aria-sort': data.by === by ? 'descending' : null}, title, data.by === by ? ' ↓' : '');
  const last = Math.min(data.from + data.rows.length, data.total);
  const columns = [
    ['process', PROCESS[1], 'wide'], ['status', STATUS[1], ''],
    [sort('MAILBOX', 'mailbox'), MAILBOX[1], 'n'],
    [sort('LONGEST', 'longest'), row => count(row.longest), 'n'],
    [sort('HANDLED', 'handled'), row => count(row.handled), 'n'],
    [sort('RATE', 'per s'), RATE[1], 'n'],
    [sort(data.by === 'NEWEST' ? 'OLDEST' : 'NEWEST', 'age'), row => age(row.age), 'n'],
    ['waits for', row => row.waitsFor ? process(row.waitsFor) : '', ''],
  ];
  return [
    h('div', {class: 'bar', 'data-key': 'bar'},
      h('input', {type: 'search', id: 'search', 'data-input': 'search', value: state.q ?? '',
        placeholder: 'name, class, label or pid', 'aria-label': 'Search'}),
      state.parent ? h('a', {href: '#processes'}, 'of one parent ×') : null,
      h('span', {class: 'grow'}),
      h('span', {class: 'dim'}, data.total
        ? `${count(data.from + 1)}–${count(last)} of ${count(data.total)}` : 'none'),
      h('button', {type: 'button', 'data-click': 'page', 'data-by': -50,
        disabled: data.from === 0}, '‹ previous'),
      h('button', {type: 'button', 'data-click': 'page', 'data-by': 50,
        disabled: last >= data.total}, 'next ›')),
    h('section', {class: 'card', 'data-key': 'table'}, table(columns, data.rows)),
  ];
}

// The processes around one, drawn on a circle.
function map(data) {
  const all = Object.entries(data.neighbours)
    .flatMap(([relation, briefs]) => briefs.map(brief => ({relation, brief})))
    .filter((each, i, list) => list.findIndex(x => x.brief.pid === each.brief.pid) === i)
    .slice(0, 24);
  const place = (i, radius) => {
    const angle = Math.PI * 2 * i / all.length - Math.PI / 2;
    return [400 + 250 * Math.cos(angle) * radius, 130 + 100 * Math.sin(angle) * radius];
  };
  const type = relation => relation.startsWith('wait') ? 'waits'
    : relation === 'ancestors' || relation === 'children' ? 'parent' : '';
  const name = brief => {
    const text = brief.name ?? `${simple(brief.what)} ${brief.pid.replace('#PID', '')}`;
    return text.length > 28 ? text.slice(0, 27) + '…' : text;
  };
  return svg('svg', {class: 'map', viewBox: '0 0 800 260', role: 'img',
    'aria-label': 'the processes around this one'},
    all.map(({relation}, i) => {
      const [x, y] = place(i, 1);
      return svg('line', {x1: 400, y1: 130, x2: x, y2: y, class: type(relation)});
    }),
    all.map(({relation, brief}, i) => {
      const [x, y] = place(i, 1);
      const left = x < 399;
      return svg('a', {href: brief.id ? `#process?id=${brief.id}` : null},
        svg('title', {}, `${relation}: ${brief.what} ${brief.pid}`),
        svg('circle', {cx: x, cy: y, r: 5}),
        svg('text', {x: x + (left ? -9 : 9), y: y + 4, 'text-anchor': left ? 'end' : 'start'},
          name(brief)));
    }),
    svg('g', {class: 'self'}, svg('circle', {cx: 400, cy: 130, r: 9})));
}

function one(data, state, session) {
  const row = data.row;
  if (!data.alive) {
    return [
      h('div', {class: 'notice', 'data-key': 'ended'}, `Process ${data.id} has ended.`),
      card('Its events', null, data.events.length ? data.events.map(event) : empty('None.'))];
  }
  const action = (name, title, danger) => h('button', {type: 'button', 'data-click': 'act',
    'data-do': name, 'data-id': data.id, class: danger ? 'danger' : ''}, title);
  return [
    h('div', {class: 'bar', 'data-key': 'title'},
      h('h1', {}, row.name ?? simple(row.what), ' ', h('span', {class: 'pid'}, row.pid),
        ' ', status(row.status), data.supervisor ? h('span', {class: 'pill'}, 'supervisor') : null),
      h('span', {class: 'grow'}),
      session.allowActions && !data.supervisor ? [action('suspend', 'suspend'),
        action('resume', 'resume'), action('trace', 'trace'), action('untrace', 'end trace')] : null,
      session.allowActions ? action('kill', 'kill', true) : null),
    state.notice ? h('div', {class: 'notice', 'data-key': 'notice'}, state.notice) : null,
    h('div', {class: 'columns', 'data-key': 'facts'},
      card('Numbers', null, h('dl', {class: 'body'},
        [['runs', row.what], ['label', row.label ?? '–'],
          ['handled', `${count(row.handled)} messages, ${rate(row.rate)} per s`],
          ['mailbox', [mailbox(row.mailbox), `, at most ${count(row.longest)} so far`]],
          ['age', age(row.age)], ['traps exits', data.trapsExits ? 'yes' : 'no'],
          ['waits for', row.waitsFor ? process(row.waitsFor) : 'no reply'],
          ['predecessors', data.ends
            ? `${count(data.ends)} have ended, the last one at ${time(data.endedAt)} with ${data.lastEnd}`
            : 'none'],
        ].map(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]))),
      card('Stack', null, data.stack.length
        ? h('pre', {}, data.stack.join('\n')) : empty('It has no thread at this moment.'))),
    card('Around it', data.cut ? 'the first 200' : null,
      Object.keys(data.neighbours).length ? map(data) : null,
      h('dl', {class: 'body'}, Object.entries(data.neighbours).map(([relation, briefs]) => [
        h('dt', {}, relation),
        h('dd', {class: 'chips'},
          briefs.map(brief => h('span', {class: 'chip'}, process(brief))))]))),
    data.crash ? card('Last crash', null, event(data.crash)) : null,
    session.showState
      ? card('State and mailbox', 'read once, when you ask',
        h('div', {class: 'body bar'},
          data.supervisor ? null
            : h('button', {type: 'button', 'data-click': 'look', 'data-what': 'state',
              'data-id': data.id}, 'show state'),
          h('button', {type: 'button', 'data-click': 'look', 'data-what': 'messages',
            'data-id': data.id}, 'show messages')),
        state.found ? h('pre', {}, state.found) : null)
      : null,
    data.events.length ? card('Events', null, data.events.map(event)) : null,
  ];
}

function waiting(data) {
  return [
    data.circles.map((circle, i) => h('section', {class: 'card circle', 'data-key': `c${i}`},
      h('b', {}, 'A circle: '), circle.map(each => [process(each), ' → ']), process(circle[0]))),
    data.groups.length === 0 && data.circles.length === 0
      ? card('Who waits for whom', null, empty('Nobody waits for a reply.'))
      : card('Who waits for whom', 'servers with the most waiters first', table([
        ['server', group => process(group.process), 'wide'],
        ['status', group => group.status ? status(group.status) : '', ''],
        ['waiters', group => h('span', {class: group.waiters >= 10 ? 'warm' : ''},
          count(group.waiters)), 'n'],
        ['who waits', group => h('details', {'data-key': group.process.pid},
          h('summary', {}, 'show'),
          group.members.map(member => h('div', {},
            svg('svg', {class: 'indent', width: member.depth * 16, height: 1}),
            '← ', process(member.process)))), ''],
      ], data.groups)),
  ];
}

function timeline(data, state) {
  const chosen = new Set((state.kinds ?? '').split(',').filter(Boolean));
  return [
    h('div', {class: 'bar', 'data-key': 'bar'}, Object.entries(KINDS).map(([name, title]) =>
      h('button', {type: 'button', 'data-click': 'kind', 'data-kind': name,
        'aria-pressed': chosen.has(name)}, title))),
    card('Last events', 'of the last 1,000, the newest 200',
      data.events.length ? data.events.map(event) : empty('None yet.')),
  ];
}

function names(data) {
  return [
    h('div', {class: 'columns', 'data-key': 'names'},
      card('Names', count(data.namesTotal), data.names.length
        ? table([['name', each => each.name, ''], ['process', each => process({...each.process, name: null}), 'wide']],
          data.names)
        : empty('No process has a name.')),
      card('Timers', `${count(data.timersTotal)} armed`, data.timers.length
        ? table([['in', each => `${count(Math.max(0, each.in))} ms`, 'n'],
          ['what', each => each.what, 'wide']], data.timers)
        : empty('No timer is armed.'))),
    card('Registries', count(data.registries.length), data.registries.length
      ? table([['registry', each => each.name, ''], ['keys', each => count(each.keys), 'n'],
        ['processes', each => count(each.processes), 'n'],
        ['some entries', each => h('div', {class: 'chips'}, each.entries.map(entry =>
          h('span', {class: 'chip'}, entry.key, ' → ', process(entry.process)))), 'wide']],
      data.registries)
      : empty('No registry runs.')),
  ];
}

export const screens = {overview, tree, processes, process: one, waiting, timeline, names};
export const menu = ['overview', 'tree', 'processes', 'waiting', 'timeline', 'names'];
