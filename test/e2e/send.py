#!/usr/bin/env python3
"""Server-side applies many manifests at once over a few connections, which kubectl is too slow for.

usage: send.py PKI-FOLDER [CONNECTIONS] < LINES

Each line is a JSON manifest of platform.zerotouch.dev; the annotation e2e/manager, which is not sent, is the field manager.
"""
import http.client
import json
import queue
import ssl
import sys
import threading


def main():
    pki, connections = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20
    context = ssl.create_default_context(cafile=pki + "/ca.crt")
    context.load_cert_chain(pki + "/admin.crt", pki + "/admin.key")
    work, errors = queue.Queue(), []
    for line in sys.stdin:
        work.put(json.loads(line))

    def run():
        connection = http.client.HTTPSConnection("127.0.0.1", 16443, context=context, timeout=60)
        while True:
            try:
                item = work.get_nowait()
            except queue.Empty:
                return
            meta = item["metadata"]
            manager = meta.pop("annotations", {}).get("e2e/manager", "e2e")
            path = "/apis/platform.zerotouch.dev/v1alpha1/namespaces/%s/%ss/%s?fieldManager=%s&force=true" % (
                meta["namespace"], item["kind"].lower(), meta["name"], manager)
            connection.request("PATCH", path, json.dumps(item), {"Content-Type": "application/apply-patch+yaml"})
            answer = connection.getresponse()
            body = answer.read()
            if answer.status >= 300:
                errors.append("%s/%s: %s" % (meta["namespace"], meta["name"], body.decode()))

    threads = [threading.Thread(target=run) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in errors[:5]:
        print(error, file=sys.stderr)
    sys.exit(bool(errors))


main()
