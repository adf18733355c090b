#include "dialect/anthropic/native.h"

#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "dialect/anthropic/fields.h"
#include "json/escaped.h"
#include "json/reader.h"
#include "json/writer.h"

namespace sluice::dialect::anthropic {

namespace {

// Cuts members out of an object and puts others at its beginning.
class Splice {
 public:
  Splice(Host host, Kind kind, std::string_view body, const Changes& changes)
      : host_(host), kind_(kind), body_(body), model_(changes.model), edits_(changes.edits) {}

  // False when the body is no object; then nothing may be used.
  bool read(json::Reader& reader) {
    auto cursor = reader.scan_copy(body_);
    if (!cursor) return false;
    object_begin_ = cursor->offset();
    std::size_t end_of_last = object_begin_ + 1;
    const bool is_object = json::each_member(*cursor, [&](std::string_view key) {
      const std::size_t value = cursor->offset();
      const std::string name(key);
      const std::string_view raw = cursor->skip();
      if (name == "anthropic_beta") betas_ = raw;
      const std::size_t end = cursor->end_of_last();
      if (!is_cut(name) && !is_edited(value)) member(name, end_of_last, value, end);
      end_of_last = end;
      seen_ = true;
    });
    tail_ = end_of_last;
    return is_object && cursor->finish();
  }

  OutgoingBody make(std::string_view betas) {
    std::string& begin = out_.owned.emplace_front();
    begin = body_.substr(0, object_begin_ + 1);
    begin += host_ == Host::kAnthropic ? model_member() : version_members(host_, betas, betas_);
    std::vector<std::string_view> pieces{begin};
    for (std::string_view piece : pieces_) join(pieces, piece);
    join(pieces, body_.substr(tail_));
    out_.pieces = std::move(pieces);
    return std::move(out_);
  }

 private:
  std::string model_member() const {
    std::string out = R"("model":)";
    append_json_string(out, model_);
    return out;
  }

  bool is_cut(std::string_view name) const {
    if (name == "anthropic_version") return true;
    if (host_ == Host::kBedrock && (name == "stream" || name == "anthropic_beta")) return true;
    return name == "model" && (kind_ == Kind::kMessages || host_ == Host::kAnthropic);
  }

  // Asked for each member in turn: both stand in the order of their places.
  bool is_edited(std::size_t value) {
    while (edit_ < edits_.size() && edits_[edit_].range.begin < value) ++edit_;
    return edit_ < edits_.size() && edits_[edit_].range.begin == value;
  }

  // Keeps a member with what stands between it and the one before; the first of all has no comma there.
  void member(std::string_view name, std::size_t before, std::size_t value, std::size_t end) {
    if (!seen_) pieces_.push_back(",");
    if (name == "model") {
      pieces_.push_back(body_.substr(before, value - before));
      std::string& text = out_.owned.emplace_front();
      append_json_string(text, model_);
      pieces_.push_back(text);
      return;
    }
    pieces_.push_back(body_.substr(before, end - before));
  }

  // Neighbours in the body stay one piece.
  static void join(std::vector<std::string_view>& pieces, std::string_view piece) {
    if (piece.empty()) return;
    std::string_view& last = pieces.back();
    if (pieces.size() > 1 && last.data() + last.size() == piece.data()) {
      last = {last.data(), last.size() + piece.size()};
    } else {
      pieces.push_back(piece);
    }
  }

  Host host_;
  Kind kind_;
  std::string_view body_;
  std::string_view model_;
  const std::vector<Edit>& edits_;
  std::size_t edit_ = 0;  // the first that is not before the member at hand
  OutgoingBody out_;
  std::vector<std::string_view> pieces_;
  std::string_view betas_;  // the client's anthropic_beta
  std::size_t object_begin_ = 0;
  std::size_t tail_ = 0;
  bool seen_ = false;  // a member stood before
};

}  // namespace

std::string version_members(Host host, std::string_view betas, std::string_view given) {
  std::string out = R"("anthropic_version":")";
  out += body_version(host);
  out += '"';
  if (host != Host::kBedrock || (trim(betas).empty() && given.empty())) return out;
  std::string list;
  if (given.starts_with('[') && given.ends_with(']')) list = trim(given.substr(1, given.size() - 2));
  for (std::string_view beta : split(betas, ',')) {
    beta = trim(beta);
    if (beta.empty()) continue;
    if (!list.empty()) list += ',';
    append_json_string(list, beta);
  }
  return out + R"(,"anthropic_beta":[)" + list + "]";
}

bool is_known_member(std::string_view name) {
  return name == "anthropic_version" || name == "anthropic_beta" || find_path(fields(), name) != nullptr;
}

Respelled without_unknown(std::string_view body, Changes changes, json::Reader& reader) {
  Respelled out{.changes = std::move(changes), .lost = {}};
  auto cursor = reader.scan_copy(body);
  if (!cursor) return out;  // no object has come this far
  json::each_member(*cursor, [&](std::string_view key) {
    const bool known = is_known_member(key);
    std::string name(known ? "" : key);
    const std::size_t value = cursor->offset();
    const std::size_t end = value + cursor->skip().size();
    if (known) return;
    out.changes.edits.push_back({.range = {value, end}, .text = {}});
    out.lost.push_back({.path = std::move(name), .unplaced = chat::Unplaced::kDropped, .why = {}});
  });
  return out;
}

OutgoingBody write_native(Host host, Kind kind, std::string_view body, const Changes& changes, http::Headers& headers) {
  json::Reader reader;
  std::string betas;
  if (host == Host::kBedrock) {
    betas = headers.get("anthropic-beta").value_or("");
    headers.remove("anthropic-beta");
  }
  if (host == Host::kAnthropic && !headers.has("anthropic-version")) headers.add("anthropic-version", kVersion);
  Splice splice(host, kind, body, changes);
  if (splice.read(reader)) return splice.make(betas);
  OutgoingBody out;  // no object has come this far
  out.pieces.push_back(body);
  return out;
}

}  // namespace sluice::dialect::anthropic
