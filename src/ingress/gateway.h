// The service behind the listeners of one loop: path → exchange → pipeline → answer.
//
// Thread rule: the loop's thread; use() is called there too. Ownership: the app; outlives its server.
#pragma once

#include <atomic>
#include <memory>

#include "base/ids.h"
#include "base/metrics.h"
#include "exchange/stage.h"
#include "ingress/cors.h"
#include "ingress/place.h"
#include "net/server.h"

namespace sluice::ingress {

// What one version of the configuration gives the ingress. Immutable; a request keeps the one it began with.
struct Surface {
  Pipeline calls;    // endpoints of the API and passthrough
  Pipeline models;   // /v1/models
  Pipeline metrics;  // /metrics
  Pipeline admin;    // /admin/v1/…
  Cors cors;
  Ms keep_alive{15'000};
  virtual ~Surface() = default;
};

class Gateway final : public net::Service {
 public:
  Gateway(LoopTools& tools, std::shared_ptr<const Surface> surface, const std::atomic<bool>& ready, Counter& refused);

  void use(std::shared_ptr<const Surface> surface) { surface_ = std::move(surface); }

  Task<void> serve(net::Request& request) override;
  bool is_always_served(const http::RequestHead& head) const override;
  Refusal refuse(const http::RequestHead* head, const Fault& fault) override;

 private:
  Task<void> send_refusal(net::Request& request, const Fault& fault);
  Task<void> serve_page(net::Request& request, PlaceKind kind) const;
  Task<void> serve_exchange(net::Request& request);

  LoopTools& tools_;
  IdMaker ids_;
  std::shared_ptr<const Surface> surface_;
  const std::atomic<bool>& ready_;
  Counter& refused_;
};

}  // namespace sluice::ingress
