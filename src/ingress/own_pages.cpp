#include "ingress/own_pages.h"

#include "json/writer.h"

namespace sluice::ingress {

namespace {

std::string_view code_of(const Fault& fault) {
  return fault.code.empty() ? sluice::name(fault.kind) : std::string_view(fault.code);
}

class OwnPages final : public dialect::Server {
 public:
  std::string_view name() const override { return "sluice"; }
  std::span<const dialect::Endpoint> endpoints() const override { return {}; }
  std::span<const std::string_view> versions() const override { return {}; }
  std::string_view sdk_base() const override { return {}; }
  dialect::FieldTable fields(dialect::Operation) const override { return {}; }

  dialect::ErrorAnswer write_error(const Fault& fault, int status) const override {
    dialect::ErrorAnswer answer{.status = status};
    json::Writer json(answer.body);
    json.begin_object().key("error").begin_object();
    json.key("code").text(code_of(fault));
    json.key("message").text(fault.told);
    if (fault.param.empty()) {
      json.key("field").null();
    } else {
      json.key("field").text(fault.param);
    }
    json.end_object().end_object();
    return answer;
  }
  std::string write_stream_error(const dialect::Endpoint&, const Fault&, const chat::Learned&) const override {
    return {};  // no page is a stream
  }
};

}  // namespace

const dialect::Server& own_pages() {
  static const OwnPages kPages;
  return kPages;
}

}  // namespace sluice::ingress
