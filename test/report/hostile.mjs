// Objects in which somebody put attacks into texts.

// Each begins with the same letters, so that what is sorted stays in its order.
//
// What an attack is held against: a name, a text that is no name, one with a control character, and one of two lines. An
// object with a wrong name in it is read otherwise than one with a right one, and its page has other parts.
export const benign = ['zzz', 'zzz ! (?)', 'zzz \u0001', 'zzz \u0001\nzzz \u0001'];
export const attacks = {
  markup:
    'zzz"\'><script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)>' +
    '</td></table></details></style></title><!--<a href="javascript:alert(4)" onmouseover=\'alert(5)\'>&lt;&#60;]]>',
  unseen: 'zzz\u202ejs.gpj\u2066\u200b\u0000\u001b[2J\r\n\t\u2028\ufeff`${alert(6)}{{7*7}}',
  address: 'javascript:alert(7)//zzz"onfocus=alert(8) autofocus tabindex=1 x="',
};

// Every place of a string in an object: [{path, pattern}]; the pattern has no numbers.
export function placesIn(value, path = []) {
  if (typeof value === 'string') {
    return [{ path, pattern: path.map((part) => (typeof part === 'number' ? '*' : part)).join('.') }];
  }
  if (value === null || typeof value !== 'object') return [];
  const entries = Array.isArray(value) ? value.map((child, i) => [i, child]) : Object.entries(value);
  return entries.flatMap(([key, child]) => placesIn(child, [...path, key]));
}

// One place of each kind of them that was not `seen` before: what stands in a list is read alike.
export function onePlaceEach(list, seen) {
  const places = [];
  for (const [i, item] of list.items.entries()) {
    for (const { path, pattern } of placesIn(item)) {
      const key = `${item.kind} ${pattern}`;
      // Field names of managers are read by nobody.
      if (seen.has(key) || /managedFields\.\*\.fieldsV1/.test(pattern)) continue;
      seen.add(key);
      places.push({ key, path: ['items', i, ...path] });
    }
  }
  return places;
}

export function replaced(object, path, text) {
  const copy = structuredClone(object);
  let place = copy;
  for (const part of path.slice(0, -1)) place = place[part];
  place[path.at(-1)] = text;
  return copy;
}

// Every string at once, but for those that `keeps` says have to stay for an object to be read.
export function allReplaced(value, text, keeps, path = []) {
  if (typeof value === 'string') return keeps(path) ? value : text;
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((child, i) => allReplaced(child, text, keeps, [...path, i]));
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, allReplaced(child, text, keeps, [...path, key])]),
  );
}
