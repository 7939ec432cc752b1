// The report in a browser, and as an HTML5 parser reads it. test/report/report_test.sh runs this.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { finish, folder, launch, open, pageOf, picture, report, sample, test } from './harness.mjs';
import { allReplaced, attacks, benign, onePlaceEach, replaced } from './hostile.mjs';
import { dangersIn, elementsOf, skeletonOf } from './structure.mjs';

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const OPTIONS = {
  quiet: ['--key-file', path.join(folder, 'quiet.key'), '--allowed-signers', path.join(folder, 'quiet.signers')],
};

async function pages() {
  const made = {};
  for (const name of ['shop', 'claims', 'quiet', 'fresh']) {
    const { code, out, err } = await report([path.join(folder, `${name}.yaml`), ...(OPTIONS[name] ?? [])]);
    assert.equal(code, 0, err);
    assert.equal(err, '');
    made[name] = await pageOf(name, out);
  }
  return made;
}

// ---- As it is written.

async function testMarkup(made) {
  for (const [name, { html }] of Object.entries(made)) {
    await test(`${name}: nothing in it runs, loads or is written badly`, () =>
      assert.deepEqual(dangersIn(html), []));
    await test(`${name}: headings are in order, with one at the top`, () => {
      const levels = elementsOf(html).elements.filter(({ tag }) => /^h[1-6]$/.test(tag)).map(({ tag }) => +tag[1]);
      assert.equal(levels.filter((level) => level === 1).length, 1);
      levels.forEach((level, i) => assert.ok(i === 0 || level <= levels[i - 1] + 1, `h${level} after h${levels[i - 1]}`));
    });
    await test(`${name}: ids are unique, and links in the page lead somewhere`, () => {
      const { elements } = elementsOf(html);
      const ids = elements.map(({ attributes }) => attributes.get('id')).filter(Boolean);
      assert.equal(new Set(ids).size, ids.length);
      for (const { attributes } of elements) {
        const href = attributes.get('href') ?? '';
        if (href.startsWith('#')) assert.ok(ids.includes(href.slice(1)), href);
      }
    });
    await test(`${name}: tables have captions and headers with a scope`, () => {
      const { elements } = elementsOf(html);
      const count = (tag) => elements.filter((element) => element.tag === tag).length;
      assert.equal(count('caption'), count('table'));
      for (const { tag, attributes } of elements) if (tag === 'th') assert.match(attributes.get('scope'), /^(col|row)$/);
    });
    await test(`${name}: drawings say what they show, and icons nothing`, () => {
      for (const { tag, attributes } of elementsOf(html).elements) {
        if (tag !== 'svg' || attributes.get('class') === 'spot') continue;
        const isDrawing = attributes.get('role') === 'img' && attributes.get('aria-label').length > 10;
        assert.ok(isDrawing || attributes.get('aria-hidden') === 'true');
      }
    });
    await test(`${name}: what has a colour has a word`, () => {
      const { elements } = elementsOf(html);
      elements.forEach(({ attributes, text }) => {
        if (/^badge /.test(attributes.get('class') ?? '')) assert.notEqual(text.trim(), '');
      });
    });
  }
  await test('YAML and JSON, a file and standard input give the same page', async () => {
    const { out } = await report(['-'], await readFile(path.join(folder, 'shop.json'), 'utf8'));
    assert.equal(out.replaceAll('standard input', path.join(folder, 'shop.yaml')), made.shop.html);
  });
}

// ---- As a browser shows it.

const violationsIn = (page) =>
  page.evaluate(async (source) => {
    if (!window.axe) (0, eval)(source);
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`));
  }, axeSource);

const unfold = (page) => page.evaluate(() => document.querySelectorAll('details').forEach((fold) => { fold.open = true; }));

const overflowOf = (page) =>
  page.evaluate(() => {
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (wide <= 0) return [];
    return [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
      .slice(0, 5)
      .map((element) => `${element.tagName}.${element.getAttribute('class')}: ${element.textContent.slice(0, 60)}`);
  });

async function testLooks(browser, made) {
  const looks = [
    { name: 'light', colorScheme: 'light', viewport: { width: 1280, height: 900 } },
    { name: 'dark', colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
    { name: 'narrow', colorScheme: 'light', viewport: { width: 360, height: 740 } },
  ];
  for (const [sampleName, { url }] of Object.entries(made)) {
    for (const { name, ...options } of looks) {
      const { page, context, said } = await open(browser, url, options);
      await picture(page, `${sampleName}-${name}`);
      await test(`${sampleName}, ${name}: nothing is wider than the window`, async () =>
        assert.deepEqual(await overflowOf(page), []));
      await unfold(page);
      await picture(page, `${sampleName}-${name}-unfolded`);
      await test(`${sampleName}, ${name}: nor when all is unfolded`, async () =>
        assert.deepEqual(await overflowOf(page), []));
      await test(`${sampleName}, ${name}: it is quiet`, () => assert.deepEqual(said, []));
      await test(`${sampleName}, ${name}: axe finds nothing`, async () =>
        assert.deepEqual(await violationsIn(page), []));
      await context.close();
    }
  }
}

async function testPrint(browser, { url }) {
  const { page, context } = await open(browser, url, { colorScheme: 'dark' });
  await page.emulateMedia({ media: 'print' });
  await test('print: what is folded is printed, dark on white', async () => {
    const seen = await page.evaluate(() => ({
      folded: [...document.querySelectorAll('details:not([open]) table tr')].length,
      unseen: [...document.querySelectorAll('details:not([open]) table tr')].filter(
        (row) => row.getBoundingClientRect().height === 0).length,
      ink: getComputedStyle(document.body).color,
    }));
    assert.ok(seen.folded > 10);
    assert.equal(seen.unseen, 0);
    assert.equal(seen.ink, 'rgb(28, 33, 40)');
  });
  const pdf = await page.pdf({ format: 'A4', path: process.env.REPORT_PICTURES && path.join(process.env.REPORT_PICTURES, 'shop.pdf') });
  await test('print: there is a PDF', () => assert.ok(pdf.length > 50000 && pdf.subarray(0, 5).toString() === '%PDF-'));
  await context.close();
}

async function testKeyboard(browser, { url }) {
  const { page, context } = await open(browser, url);
  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement;
      const box = element.getBoundingClientRect();
      const isShown = box.top >= 0 && box.height > 0 && getComputedStyle(element).outlineStyle !== 'none';
      return { tag: element.tagName, id: element.id, text: element.textContent.slice(0, 60), isShown };
    });
  await test('keyboard: the first stop leads past the contents', async () => {
    await page.keyboard.press('Tab');
    await page.waitForFunction(() => document.activeElement.getBoundingClientRect().top >= 0);
    const first = await focused();
    assert.equal(first.text, 'Skip to the report');
    assert.ok(first.isShown);
    await page.keyboard.press('Enter');
    assert.equal((await focused()).id, 'main');
  });
  await test('keyboard: every stop is shown, and all that folds can be reached and opened', async () => {
    const wanted = await page.evaluate(() => [...document.querySelectorAll('main summary')].filter(
      (summary) => summary.checkVisibility()).length);
    let summaries = 0;
    for (let stops = 0; stops < 400; stops += 1) {
      await page.keyboard.press('Tab');
      const now = await focused();
      if (now.tag === 'BODY') break;
      assert.ok(now.isShown, `${now.tag} ${now.text}`);
      if (now.tag === 'SUMMARY') summaries += 1;
    }
    assert.equal(summaries, wanted);
    await page.focus('.gate:not([open]) > summary');
    await page.keyboard.press('Enter');
    assert.ok(await page.evaluate(() => document.activeElement.parentElement.open));
  });
  await context.close();
}

async function testPolicy(browser, { url }) {
  const { page, context, said } = await open(browser, url);
  const refused = [];
  page.on('requestfailed', (request) => refused.push(`${request.url()} ${request.failure().errorText}`));
  await test('policy: the style sheet is the one that the policy names', async () => {
    assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('.pipeline')).borderTopWidth), '1px');
    assert.deepEqual(said, []);
  });
  await test('policy: whatever got into the page would neither run nor load', async () => {
    const ran = await page.evaluate(async () => {
      const script = document.createElement('script');
      script.textContent = 'window.ran = true';
      document.body.append(script);
      document.body.insertAdjacentHTML('beforeend', '<img src="https://evil.invalid/x.png" onerror="window.ran = true">');
      document.body.insertAdjacentHTML('beforeend', '<p style="position: fixed">');
      await new Promise((resolve) => { setTimeout(resolve, 100); });
      return { ran: window.ran ?? false, position: getComputedStyle(document.body.lastElementChild).position };
    });
    assert.deepEqual(ran, { ran: false, position: 'static' });
    assert.equal(said.filter((line) => line.includes('Content Security Policy')).length >= 3, true);
    // It is asked for, and refused before anything is sent.
    assert.deepEqual(refused, ['https://evil.invalid/x.png csp']);
  });
  await context.close();
}

// ---- What others wrote.

// Runs at most so many at the same time.
async function inParallel(items, limit, run) {
  const queue = [...items];
  await Promise.all(Array.from({ length: limit }, async () => {
    while (queue.length > 0) await run(queue.shift());
  }));
}

async function testEachField() {
  const seen = new Set();
  for (const name of ['shop', 'claims', 'quiet', 'fresh']) {
    const list = await sample(name);
    const args = ['-', '--now', '2026-03-10T00:00:00Z'];
    await inParallel(onePlaceEach(list, seen), 2, async ({ key, path: place }) => {
      const render = async (text) => (await report(args, JSON.stringify(replaced(list, place, text)))).out;
      const calm = [];
      for (const [attack, text] of Object.entries(attacks)) {
        await test(`${name}: ${key}: ${attack} stays text`, async () => {
          const html = await render(text);
          assert.deepEqual(dangersIn(html), []);
          if (attack === 'address') return; // it is sorted elsewhere
          const skeleton = skeletonOf(html).join('\n');
          for (let i = 0; !calm.includes(skeleton) && i < benign.length; i += 1) {
            calm[i] ??= skeletonOf(await render(benign[i])).join('\n');
          }
          assert.ok(calm.includes(skeleton), 'its page has parts that no page with a harmless text has');
        });
      }
    });
  }
}

// Without these an object is none of ours, or is not read.
const KEPT = /^(apiVersion|kind|name|namespace|tenant|pipeline|artifact_id|decision|state|attempt|.*_environment|environments|days|start|end|time_zone|from|until|gate_status|dev_to_staging|staging_to_production|dev_to_production)$/;

async function testAllFields(browser) {
  const list = await sample('shop');
  const keeps = (place) => {
    const keys = place.filter((part) => typeof part === 'string');
    const inSpec = keys.includes('spec') || keys.includes('metadata');
    return keys.length < 3 || (inSpec && KEPT.test(keys.at(-1))) || /environment|promotionRules/.test(keys.join('.'));
  };
  const cases = {
    'hostile-readable': allReplaced(list, attacks.markup, keeps),
    'hostile-unseen': allReplaced(list, attacks.unseen, keeps),
    hostile: allReplaced(list, attacks.markup, (place) => ['apiVersion', 'kind'].includes(place.at(-1))),
  };
  const odd = structuredClone(list);
  for (const item of odd.items) item.spec = { ...item.spec, [attacks.markup]: 'a key' };
  cases['hostile-keys'] = odd;
  for (const [name, hostile] of Object.entries(cases)) {
    const { code, out, err } = await report(['-'], JSON.stringify(hostile));
    await test(`${name}: there is a page, and nothing in it runs`, () => {
      assert.ok(code === 0 || code === 1, err);
      assert.deepEqual(dangersIn(out), []);
      assert.doesNotMatch(err, /\u001b|\u202e/);
    });
    const { url } = await pageOf(name, out);
    for (const width of [360, 1280]) {
      const { page, context, said } = await open(browser, url, { viewport: { width, height: 800 } });
      await unfold(page);
      await page.mouse.move(100, 300);
      await picture(page, `${name}-${width}`);
      await test(`${name}, ${width}: it is quiet, and fits`, async () => {
        assert.deepEqual(said, []);
        assert.deepEqual(await overflowOf(page), []);
      });
      if (width === 360) {
        await test(`${name}: axe finds nothing`, async () => assert.deepEqual(await violationsIn(page), []));
      }
      await context.close();
    }
  }
}

const made = await pages();
await testMarkup(made);
const browser = await launch();
try {
  await testLooks(browser, made);
  await testPrint(browser, made.shop);
  await testKeyboard(browser, made.shop);
  await testPolicy(browser, made.shop);
  await testAllFields(browser);
} finally {
  await browser.close();
}
await testEachField();
finish();
