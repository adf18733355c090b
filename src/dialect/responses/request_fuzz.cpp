// Any body: a request that can be read is written as JSON, for this API and as if it came from another one.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "dialect/responses/endpoint.h"
#include "dialect/responses/responses.h"
#include "json/reader.h"

namespace {

using namespace sluice;
using namespace sluice::dialect;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_json(std::string_view text) {
  static json::Reader reader;
  auto cursor = reader.scan_copy(text);
  require(cursor.has_value());
  cursor->skip();
  require(cursor->finish());
}

void write(chat::Request& request) {
  const Target target{.provider = "p", .model = "m", .stream = true};
  if (const auto out = responses::client().write_chat(request, target)) check_json(out->body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static json::Reader reader;
  std::string body(reinterpret_cast<const char*>(data), size);
  json::pad(body);
  const Endpoint& endpoint = responses::facts(responses::Kind::kResponses);
  auto request = responses::server().read_chat(endpoint, body, reader);
  if (!request) {
    require(!request.error().told.empty());
    return 0;
  }
  write(*request);
  auto other = responses::server().read_chat(endpoint, body, reader);
  other->give(chat::Field::kMessages, "messages");
  std::erase_if(other->lost, [](const auto& lost) { return lost.unplaced == chat::Unplaced::kRefused; });
  write(*other);
  std::string answer;
  WriteOptions options{.endpoint = &endpoint, .request = &*request, .asked_model = "m", .origin = "p"};
  auto writer = responses::server().write_answer(options);
  writer->finish({}, answer);
  check_json(answer);
  return 0;
}
