#include "function/runner/metrics_server.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <event2/thread.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "function/base/status_macros.h"

namespace runner {
namespace {

// A scrape is one small request: what takes longer, or is bigger, is not one.
constexpr int kTimeoutSeconds = 10;
constexpr int kMaxHeaderBytes = 8192;
constexpr int kMaxBodyBytes = 1024;
// Every method, so that Answer, not the library, says what is refused.
constexpr int kAllMethods = EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT |
                            EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS | EVHTTP_REQ_TRACE | EVHTTP_REQ_CONNECT |
                            EVHTTP_REQ_PATCH;

// Out of file descriptors: without this, libevent would try again and again, and say so each time.
void PauseAccepting(evconnlistener* listener, void*) {
  const timeval pause{0, 100'000};
  evconnlistener_disable(listener);
  const auto resume = [](evutil_socket_t, short, void* paused) {
    evconnlistener_enable(static_cast<evconnlistener*>(paused));
  };
  event_base_once(evconnlistener_get_base(listener), -1, EV_TIMEOUT, resume, listener, &pause);
}

void Answer(evhttp_request* request, void* context) {
  const evhttp_uri* uri = evhttp_request_get_evhttp_uri(request);
  const char* path = uri != nullptr ? evhttp_uri_get_path(uri) : nullptr;
  evkeyvalq* headers = evhttp_request_get_output_headers(request);
  if (path == nullptr || std::strcmp(path, "/metrics") != 0) {
    evhttp_send_reply(request, HTTP_NOTFOUND, "Not Found", nullptr);
    return;
  }
  if (evhttp_request_get_command(request) != EVHTTP_REQ_GET) {
    evhttp_add_header(headers, "Allow", "GET");
    evhttp_send_reply(request, HTTP_BADMETHOD, "Method Not Allowed", nullptr);
    return;
  }
  const std::string text = static_cast<const Metrics*>(context)->Expose();
  evhttp_add_header(headers, "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  evbuffer* body = evhttp_request_get_output_buffer(request);
  evbuffer_add(body, text.data(), text.size());
  evhttp_send_reply(request, HTTP_OK, "OK", nullptr);
}

}  // namespace

absl::StatusOr<std::unique_ptr<MetricsServer>> MetricsServer::Start(const Address& address,
                                                                    const Metrics* metrics) {
  // Lets the destructor end the loop from another thread.
  static const int threads = evthread_use_pthreads();
  if (threads != 0) return absl::InternalError("--metrics-address: libevent has no threads");
  ASSIGN_OR_RETURN(const int fd, ListenTcp("--metrics-address", address));
  event_base* events = event_base_new();
  evhttp* http = events != nullptr ? evhttp_new(events) : nullptr;
  evhttp_bound_socket* bound = http != nullptr ? evhttp_accept_socket_with_handle(http, fd) : nullptr;
  if (bound == nullptr) {
    close(fd);
    if (http != nullptr) evhttp_free(http);
    if (events != nullptr) event_base_free(events);
    return absl::InternalError("--metrics-address: cannot set up the HTTP server");
  }
  evconnlistener_set_error_cb(evhttp_bound_socket_get_listener(bound), PauseAccepting);
  evhttp_set_timeout(http, kTimeoutSeconds);
  evhttp_set_max_headers_size(http, kMaxHeaderBytes);
  evhttp_set_max_body_size(http, kMaxBodyBytes);
  evhttp_set_allowed_methods(http, kAllMethods);
  evhttp_set_gencb(http, Answer, const_cast<Metrics*>(metrics));
  return std::unique_ptr<MetricsServer>(new MetricsServer(events, http, BoundPort(fd)));
}

MetricsServer::MetricsServer(event_base* events, evhttp* http, int port)
    : events_(events), http_(http), port_(port), thread_([events] { event_base_dispatch(events); }) {}

MetricsServer::~MetricsServer() {
  // Not loopbreak: that one is lost when the loop has not begun yet.
  event_base_loopexit(events_, nullptr);
  thread_.join();
  evhttp_free(http_);
  event_base_free(events_);
}

}  // namespace runner
