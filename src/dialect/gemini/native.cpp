#include "dialect/gemini/native.h"

#include "base/text.h"
#include "dialect/gemini/model.h"
#include "json/escaped.h"
#include "json/reader.h"

namespace sluice::dialect::gemini {

namespace {

// A "model" that is a key.
bool may_name_model(std::string_view body) {
  constexpr std::string_view kKey = "\"model\"";
  for (auto at = body.find(kKey); at != std::string_view::npos; at = body.find(kKey, at + 1)) {
    const auto next = body.find_first_not_of(" \t\r\n", at + kKey.size());
    if (next != std::string_view::npos && body[next] == ':') return true;
  }
  return false;
}

class Names {
 public:
  explicit Names(json::Cursor& cursor) : cursor_(cursor) {}

  // Where models are named: at the top, in requests[] and in generateContentRequest.
  std::vector<Range> find() {
    json::each_member(cursor_, [&](std::string_view key) {
      if (key == "requests" && cursor_.kind() == json::Kind::kObject) {
        within();  // a list of one
      } else if (key == "requests") {
        json::each_element(cursor_, [&](std::size_t) { within(); });
      } else if (key == "generateContentRequest" || key == "generate_content_request") {
        within();
      } else if (key == "model") {
        name();
      }
    });
    return std::move(ranges_);
  }

 private:
  void within() {
    json::each_member(cursor_, [&](std::string_view key) {
      if (key == "model") name();
    });
  }
  void name() {
    if (cursor_.kind() != json::Kind::kString) return;
    const std::size_t begin = cursor_.offset();
    ranges_.push_back({begin, begin + cursor_.skip().size()});
  }

  json::Cursor& cursor_;
  std::vector<Range> ranges_;
};

}  // namespace

OutgoingBody rename_models(std::string_view body, std::string_view model) {
  OutgoingBody out;
  std::vector<Range> ranges;
  if (may_name_model(body)) {
    json::Reader reader;
    if (auto cursor = reader.scan_copy(body)) ranges = Names(*cursor).find();
  }
  std::string& name = out.owned.emplace_front();
  const std::string_view bare = bare_model(model);
  append_json_string(name, bare.contains('/') ? std::string(bare) : "models/" + std::string(bare));
  std::size_t done = 0;
  for (const Range& range : ranges) {
    out.pieces.push_back(body.substr(done, range.begin - done));
    out.pieces.push_back(name);
    done = range.end;
  }
  if (done < body.size()) out.pieces.push_back(body.substr(done));
  return out;
}

}  // namespace sluice::dialect::gemini
