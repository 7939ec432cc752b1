// What the report's tests share: the binary, the samples, a browser, and a count of what passed.
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const folder = process.env.REPORT_SAMPLES; // exports, and what is made of them
const binary = process.env.REPORT_BINARY ?? path.join(root, 'build/function-release-pipeline');

let passed = 0;
let failed = 0;

// One thing that holds or does not; the rest goes on. What it throws is why it does not.
export async function test(name, run) {
  try {
    await run();
    passed += 1;
  } catch (error) {
    failed += 1;
    console.log(`FAIL: ${name}\n    ${String(error?.stack ?? error).replaceAll('\n', '\n    ')}`);
  }
}

export function finish() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

// Runs `report`. Returns {code, out, err}.
export function report(args, input = '') {
  return new Promise((resolve, reject) => {
    const child = execFile(binary, ['report', ...args], { maxBuffer: 1 << 27 }, (error, out, err) => {
      if (error && typeof error.code !== 'number') reject(error);
      else resolve({ code: error?.code ?? 0, out, err });
    });
    child.stdin.on('error', () => {}); // it may end before it has read everything
    child.stdin.end(input);
  });
}

export const sample = async (name) => JSON.parse(await readFile(path.join(folder, `${name}.json`), 'utf8'));

// The page of a sample, as a file. Returns {file, url, html}.
export async function pageOf(name, html) {
  const file = path.join(folder, `${name}.html`);
  await writeFile(file, html);
  return { file, url: pathToFileURL(file).href, html };
}

// A browser that asks nobody anything.
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    chromiumSandbox: false,
    timeout: 120000,
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--force-color-profile=srgb',
    ],
  });
}

// Opens a page and notes all that it says and asks for. `said` is empty for a page that is quiet.
export async function open(browser, url, options = {}) {
  const context = await browser.newContext({ offline: true, viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(120000);
  const said = [];
  page.on('console', (message) => said.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => said.push(`error: ${error}`));
  page.on('dialog', (dialog) => {
    said.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on('request', (request) => {
    if (request.url() !== url) said.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  return { page, context, said };
}

export async function picture(page, name, options = {}) {
  const to = process.env.REPORT_PICTURES;
  if (!to) return;
  await mkdir(to, { recursive: true });
  await page.screenshot({ path: path.join(to, `${name}.png`), fullPage: true, ...options });
}
