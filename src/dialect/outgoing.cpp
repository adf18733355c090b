#include <algorithm>
#include <array>

#include "base/text.h"
#include "dialect/asked.h"
#include "json/reader.h"
#include "json/text.h"

namespace sluice::dialect {

namespace {

constexpr std::string_view kAskForUsage = R"({"include_usage":true})";

// Replaces ranges of a body, which are given in ascending order and do not overlap.
class Splice {
 public:
  Splice(std::string_view body, std::size_t edits) : body_(body) { out_.pieces.reserve(2 * edits + 1); }

  // `text` is a constant.
  void replace(Range range, std::string_view text) {
    push(body_.substr(done_, range.begin - done_));
    push(text);
    done_ = range.end;
  }
  void replace(Range range, std::string text) {
    if (text.empty()) return replace(range, std::string_view());
    replace(range, std::string_view(out_.owned.emplace_front(std::move(text))));
  }
  OutgoingBody finish() {
    push(body_.substr(done_));
    return std::move(out_);
  }

 private:
  void push(std::string_view piece) {
    if (!piece.empty()) out_.pieces.push_back(piece);
  }

  std::string_view body_;
  std::size_t done_ = 0;
  OutgoingBody out_;
};

std::string json_string(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  append_json_string(out, text);
  return out;
}

// The edits of a JSON body: collected in any order, then made in the order of their places.
class JsonEdits {
 public:
  JsonEdits(const Asked& asked, std::string_view body, const Changes& changes)
      : asked_(asked), body_(body), changes_(changes) {}

  OutgoingBody make() {
    plan_options();
    plan_limit();
    plan_model();
    if (!added_.empty()) plan({asked_.object_end, asked_.object_end}, std::move(added_));
    auto place = [](const Edit& edit) { return edit.range.begin; };
    std::ranges::sort(planned(), {}, place);
    Splice splice(body_, count_ + changes_.edits.size());
    auto given = changes_.edits.begin();
    for (Edit& edit : planned()) {
      for (; given != changes_.edits.end() && place(*given) < place(edit); ++given) {
        splice.replace(given->range, given->text);
      }
      splice.replace(edit.range, std::move(edit.text));
    }
    for (; given != changes_.edits.end(); ++given) splice.replace(given->range, given->text);
    return splice.finish();
  }

 private:
  std::span<Edit> planned() { return std::span(edits_).first(count_); }
  void plan(Range range, std::string text) { edits_[count_++] = {range, std::move(text)}; }

  // Adds a member before the closing brace.
  void add(std::string_view key, std::string_view value) {
    const bool cut_all = std::ranges::any_of(planned(), [this](const Edit& edit) { return cuts_all(edit); }) ||
                         std::ranges::any_of(changes_.edits, [this](const Edit& edit) { return cuts_all(edit); });
    if ((!asked_.object_empty && !cut_all) || !added_.empty()) added_ += ',';
    added_ += '"';
    added_ += key;
    added_ += "\":";
    added_ += value;
  }
  bool cuts_all(const Edit& edit) const {
    return edit.text.empty() && edit.range.begin <= body_.find('"') &&
           body_.find_first_not_of(" \t\r\n", edit.range.end) == asked_.object_end;
  }

  void plan_options() {
    if (changes_.drop_stream_options && asked_.stream_options_member) plan(*asked_.stream_options_member, {});
    if (changes_.drop_stream_options || !changes_.add_usage || asked_.usage_wanted) return;
    if (!asked_.stream_options) {
      add("stream_options", kAskForUsage);
    } else if (asked_.include_usage) {
      plan(*asked_.include_usage, "true");
    } else if (body_[asked_.stream_options->begin] != '{') {
      plan(*asked_.stream_options, std::string(kAskForUsage));  // it was null
    } else {
      const std::size_t inside = asked_.stream_options->begin + 1;
      const bool empty = body_.find_first_not_of(" \t\r\n", inside) == asked_.stream_options->end - 1;
      plan({inside, inside}, empty ? R"("include_usage":true)" : R"("include_usage":true,)");
    }
  }

  void plan_limit() {
    using enum Changes::TokenLimit;
    const auto& from = changes_.token_limit == kMaxTokens ? asked_.max_completion_tokens_key : asked_.max_tokens_key;
    const auto& to = changes_.token_limit == kMaxTokens ? asked_.max_tokens_key : asked_.max_completion_tokens_key;
    if (changes_.token_limit == kAsIs || !from || to) return;
    plan(*from, changes_.token_limit == kMaxTokens ? R"("max_tokens")" : R"("max_completion_tokens")");
  }

  void plan_model() {
    std::string model = json_string(changes_.model);
    if (!asked_.model_value) {
      add("model", model);
    } else if (const auto [begin, end] = *asked_.model_value; body_.substr(begin, end - begin) != model) {
      plan(*asked_.model_value, std::move(model));
    }
  }

  const Asked& asked_;
  std::string_view body_;
  const Changes& changes_;
  std::array<Edit, 4> edits_;  // options, limit, model, added
  std::size_t count_ = 0;
  std::string added_;
};

OutgoingBody write_form(const Asked& asked, std::string_view body, const Changes& changes) {
  Splice splice(body, 1);
  if (asked.model_value) {
    splice.replace(*asked.model_value, std::string(changes.model));
  } else {
    splice.replace({asked.form_begin, asked.form_begin},
                   "--" + asked.boundary + "\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n" +
                       std::string(changes.model) + "\r\n");
  }
  return splice.finish();
}

}  // namespace

std::size_t OutgoingBody::size() const {
  std::size_t total = 0;
  for (std::string_view piece : pieces) total += piece.size();
  return total;
}

OutgoingBody write_asked(const Asked& asked, std::string_view body, const Changes& changes) {
  if (!asked.boundary.empty()) return write_form(asked, body, changes);
  return JsonEdits(asked, body, changes).make();
}

}  // namespace sluice::dialect
