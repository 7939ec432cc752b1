# How the function runs and who can call it.
# shellcheck shell=bash disable=SC2153,SC2317 # what is in capitals is set by objects.sh; functions are called by expect

story_called() {
  local process=/proc/ calls
  story "the image's own binary, as Crossplane runs it, called by Crossplane alone" "called-$FLAVOUR"
  process+=$(function_process)
  expect "it is the binary out of the image" 0 cmp "$process/exe" "$RUN/image/function-release-pipeline"
  expect "as UID and GID 2000, and nobody else" 0 same $'Uid: 2000 2000 2000 2000\nGid: 2000 2000 2000 2000\nGroups: ' \
    "$(grep -E '^(Uid|Gid|Groups)' "$process/status" | tr -s '\t ' ' ')"
  calls=$(ok_calls)
  pipeline called
  expect "Crossplane called it" 30 more_calls_than "$calls"
  expect "it accepts the certificate that Crossplane issued to its core" 0 accepts -cert "$RUN/tls/client/tls.crt" -key "$RUN/tls/client/tls.key"
  expect "and not without one" 0 rejects
  expect "nor with one of another CA" 0 rejects -cert "$PKI/admin.crt" -key "$PKI/admin.key"
  expect "nor in plain text" 0 refuses_plain_text
}
ok_calls() {
  ns curl -fsS 127.0.0.1:8081/metrics |
    awk '/^grpc_server_handled_total/ && /"RunFunction"/ && /grpc_code="OK"/ {n += $NF} END {print n + 0}'
}
more_calls_than() {
  local calls
  calls=$(ok_calls)
  echo "$calls calls, before $1"
  ((calls > $1))
}
# Says what an HTTP/2 client says first, and prints in hex what the server answers.
hello() { # FLAG...
  { printf 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0' && sleep 1; } |
    ns timeout 10 openssl s_client -connect 127.0.0.1:9443 -alpn h2 -quiet "$@" 2>/dev/null | od -An -v -tx1 | tr -d ' \n'
}
# A frame of type 4, its settings, is what a server says to whom it has accepted.
accepts() { # FLAG...
  local seen
  seen=$(hello "$@")
  echo "answer: '$seen'"
  [[ $seen == 0000??04* ]]
}
rejects() { ! accepts "$@"; }
refuses_plain_text() {
  ! ns curl -fsS --max-time 5 --http2-prior-knowledge http://127.0.0.1:9443/
}
