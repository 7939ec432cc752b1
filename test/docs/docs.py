#!/usr/bin/env python3
"""Reads what the README and docs/ say as code, so that it can be run.

usage: docs.py check               links and anchors; that every block says how it is tested
       docs.py script MODE PAGE    prints the blocks of the page that run in that mode, as one script for bash
       docs.py manifests FOLDER    writes every manifest of the pages into the folder, one file each, fragments made whole
       docs.py pages MODE          prints the pages that have a block of that mode
       docs.py yaml PAGE NUMBER    prints the page's NUMBERth block of YAML, counted from 1
       docs.py shown FILE          reads what a page shows, and fails where the FILE, what was printed, does not have it
       docs.py typed COMMAND...    runs it with a terminal as standard input, at which somebody says yes to everything

How a shell block is tested stands before it, in a comment that nobody sees who reads the page:

    <!-- run: offline -->          in a folder with the project's examples/ and build/, without a cluster
    <!-- run: cluster -->          on a control plane of test/e2e; blocks of a page run in its order, in one shell
    <!-- run: no, REASON -->       nowhere

A block of another language is what a command prints, where a comment says so: <!-- MODE prints: COMMAND --> runs that command,
<!-- MODE prints --> is about the block before. Every line that is shown has to be printed, in this order; a line "..." stands for
any, <word> for any text, a time for any time, and what somebody answers to [y/N] is not printed.

Manifests need no comment: a whole one has a kind; a fragment begins with spec: and is the gate's or the pipeline's, whichever
takes it; anything else is YAML of other tools, and says so: <!-- manifest: no, REASON -->.

Needs Debian's python3-yaml. Ends with the line "N passed, M failed"; exit code 0 where none failed.
"""

import json
import os
import pathlib
import pty
import re
import subprocess
import sys
import termios

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
MODES = ("offline", "cluster")
SHELL, YAML = ("sh", "bash"), ("yaml",)

# What makes a fragment whole: the least that each kind takes.
WHOLE = {
    "XReleasePipeline": {"name": "web-pipeline", "spec": {"tenant": "web", "environments": ["dev", "staging", "production"]}},
    "XPromotionGate": {
        "name": "web-dev-to-staging",
        "spec": {
            "tenant": "web",
            "artifact_id": "ghcr.io/acme/web:main-0a1b2c3",
            "source_environment": "dev",
            "target_environment": "staging",
        },
    },
}


class Block:
    """A fenced block: where it stands, its language, and the comment before it."""

    def __init__(self, page, line, language, comment, text):
        self.page, self.line, self.language, self.comment, self.text = page, line, language, comment, text

    def __str__(self):
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    def said(self, key):
        """What a comment <!-- key: value --> says, or ""."""
        match = re.fullmatch(rf"<!-- {key}: (.*) -->", self.comment)
        return match[1] if match else ""


def blocks(page):
    """The fenced blocks of a page, those in lists too."""
    lines = page.read_text().splitlines()
    before, at = "", 0
    while at < len(lines):
        fence = re.match(r"^( *)```(\w*)$", lines[at])
        if not fence:
            before = lines[at].strip() or before
            at += 1
            continue
        indent, first = len(fence[1]), at + 1
        at = first
        while lines[at].strip() != "```":
            at += 1
        text = "\n".join(line[indent:] for line in lines[first:at]) + "\n"
        yield Block(page, first, fence[2], before, text)
        before, at = "", at + 1


def all_blocks(languages):
    return [block for page in PAGES for block in blocks(page) if block.language in languages]


class Tally:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, what, problem):
        if problem:
            self.failed += 1
            print(f"FAIL: {what}: {problem}")
        else:
            self.passed += 1

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed")
        return 0 if self.failed == 0 and self.passed > 0 else 1


def check():
    tally = Tally()
    for page in PAGES:
        for link in links(page):
            tally.check(f"{page.relative_to(ROOT)}: {link}", broken(page, link))
    for block in all_blocks(SHELL):
        said = block.said("run")
        known = said in MODES or re.match(r"no, .", said)
        tally.check(block, "" if known else "no comment says how it is tested; see test/docs/docs.py --help")
    for block in all_blocks(YAML):
        if not block.said("manifest").startswith("no, "):
            tally.check(block, unreadable(block))
    return tally.end()


def links(page):
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(), flags=re.DOTALL)
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"https?:|mailto:", link)]


def broken(page, link):
    file, _, anchor = link.partition("#")
    target = (page.parent / file).resolve() if file else page
    if not target.exists():
        return "there is no such file"
    if anchor and anchor not in anchors(target):
        return "there is no such heading"
    return ""


def anchors(page):
    """What headings become, as Git hosts make them."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def unreadable(block):
    try:
        documents = list(yaml.safe_load_all(block.text))
    except yaml.YAMLError as error:
        return str(error)
    if all(isinstance(document, dict) and {"kind", "spec"} & set(document) for document in documents):
        return ""
    return "neither a manifest nor its spec, and no comment says whose YAML it is; see test/docs/docs.py --help"


# Runs in one shell, so that a block has the variables of those before. What a block printed is in the file printed, and is
# said when it is over, or when it was its end.
BEGIN = """exec 3>&1
trap 'code=$?; cat printed >&3 2>/dev/null || true; kill $(jobs -p) 2>/dev/null || true; exit $code' EXIT"""
RUN = """echo '-- {block}'
{{
{text}}} >printed 2>&1
cat printed
cp printed printed-before
rm printed
"""
SHOWN = """echo '-- {block}'
{run}docs shown printed-before <<'END_OF_WHAT_IS_SHOWN'
{text}END_OF_WHAT_IS_SHOWN
"""


def script(mode, page):
    """The script; its function docs is this program."""
    print(BEGIN)
    for block in blocks((ROOT / page).resolve()):
        prints = re.fullmatch(rf"<!-- {mode} prints(?:: (.*))? -->", block.comment)
        if block.language in SHELL and block.said("run") == mode:
            print(RUN.format(block=block, text=block.text))
        elif prints:
            run = f"{{ {prints[1]}; }} >printed-before 2>&1 || {{ cat printed-before; exit 1; }}\n" if prints[1] else ""
            print(SHOWN.format(block=block, run=run, text=block.text))
    return 0


def nth_yaml(page, number):
    found = [block for block in blocks((ROOT / page).resolve()) if block.language in YAML]
    print(found[int(number) - 1].text, end="")
    return 0


ANY = r"<[^<>/]*>|\d{4}-\d\d-\d\dT[\d:]*Z(?:, in [^)]*)?|(?<=\[y/N\] )y$"


def shown(file):
    printed = [line.strip() for line in pathlib.Path(file).read_text().splitlines()]
    at = 0
    for line in sys.stdin.read().splitlines():
        pattern = ".*".join(re.escape(part) for part in re.split(ANY, line.strip()))
        if line.strip() in ("", "..."):
            continue
        while at < len(printed) and not re.fullmatch(pattern, printed[at]):
            at += 1
        if at == len(printed):
            print(f"the page shows a line that is not printed (there): {line}", *printed, sep="\n    ")
            return 1
        at += 1
    return 0


def pages(mode):
    names = {block.page for page in PAGES for block in blocks(page) if block.said("run") == mode or block.comment.startswith(f"<!-- {mode} prints")}
    for page in PAGES:
        if page in names:
            print(page.relative_to(ROOT))
    return 0


def typed(*command):
    ours, terminal = pty.openpty()
    settings = termios.tcgetattr(terminal)
    settings[3] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSANOW, settings)
    os.write(ours, b"yes\n" * 100)
    return subprocess.run(command, stdin=terminal, check=False).returncode


def manifests(folder):
    out = pathlib.Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    for block in all_blocks(YAML):
        if block.said("manifest").startswith("no, ") or unreadable(block):
            continue
        for number, document in enumerate(yaml.safe_load_all(block.text)):
            where = f"{block.page.stem}-{block.line}-{number}"
            for kind, whole in made_whole(document):
                (out / f"{where}-{kind}.json").write_text(json.dumps(whole))
    return 0


def made_whole(document):
    """The kind and the object, or one for each kind that the fragment may be of."""
    if "kind" in document:
        return [(document["kind"], document)]
    return [
        (
            kind,
            {
                "apiVersion": "platform.zerotouch.dev/v1alpha1",
                "kind": kind,
                "metadata": {"name": whole["name"], "namespace": "team"},
                **document,
                "spec": {**whole["spec"], **document.get("spec", {})},
            },
        )
        for kind, whole in WHOLE.items()
    ]


def main(arguments):
    commands = {
        "check": (check, 0),
        "script": (script, 2),
        "manifests": (manifests, 1),
        "pages": (pages, 1),
        "yaml": (nth_yaml, 2),
        "shown": (shown, 1),
        "typed": (typed, max(1, len(arguments) - 1)),
    }
    name, given = arguments[0] if arguments else "", arguments[1:]
    if name not in commands or len(given) != commands[name][1]:
        print(__doc__, file=sys.stderr)
        return 2
    return commands[name][0](*given)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
