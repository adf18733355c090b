#include "dialect/gemini/candidates.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "dialect/faults.h"
#include "dialect/gemini/finish.h"
#include "dialect/gemini/logprobs.h"
#include "dialect/gemini/usage.h"
#include "json/escaped.h"

namespace sluice::dialect::gemini {

namespace {

using chat::Escaped;
using chat::EventKind;
using chat::FinishReason;
using chat::Piece;
using chat::PieceKind;

constexpr std::size_t kMostChoices = 16;  // the API gives eight
constexpr std::size_t kMostCited = 256;
constexpr std::size_t kLongestName = 200;  // of models and ids that are kept

std::string take_name(json::Cursor& cursor) {
  return printable(json::plain(json::take_string(cursor).value_or(Escaped{})), kLongestName);
}

// Members of a part that say something of its data. All unknown ones are data themselves: executableCode,
// codeExecutionResult, toolCall.
bool is_about_another_member(std::string_view key) {
  constexpr std::array<std::string_view, 5> kKeys{"videoMetadata", "partMetadata", "mediaResolution", "mediaProcessing",
                                                  "speechMetadata"};
  return std::ranges::find(kKeys, key) != kKeys.end();
}

}  // namespace

bool Candidates::complete() const {
  if (blocked_) return true;
  return !choices_.empty() && std::ranges::all_of(choices_, &Choice::finished);
}

Result<Candidates::Told> Candidates::read(json::Cursor& cursor, std::string_view text, Sink sink) {
  sink_ = sink;
  text_ = text;
  told_ = {};
  visible_ = ends_ = false;
  told_output_ = 0;
  // Ids of calls are made from the answer's, which stands behind the candidates.
  std::optional<json::Cursor> candidates;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "candidates") {
      candidates = cursor;
    } else {
      read_member(key, cursor);
    }
  });
  if (cursor.broken()) return told_;
  if (candidates) {
    json::each_element(*candidates, [&](std::size_t position) { read_candidate(*candidates, position); });
  }
  learned_.count_shown(told_output_);
  if (!trouble_.empty()) return protocol_fault(trouble_);
  // Usage and names alone are nothing yet for which the answer of another deployment would come too late.
  told_.kind = visible_ ? EventKind::kContent : ends_ ? EventKind::kFinish : EventKind::kPreamble;
  return told_;
}

void Candidates::read_member(std::string_view key, json::Cursor& cursor) {
  if (key == "promptFeedback") {
    read_feedback(cursor);
  } else if (key == "usageMetadata") {
    told_output_ = read_usage(cursor, learned_);
  } else if (key == "modelVersion") {
    if (auto name = take_name(cursor); !name.empty()) learned_.model = std::move(name);
  } else if (key == "responseId") {
    if (auto id = take_name(cursor); !id.empty()) learned_.id = std::move(id);
  } else if (key == "error") {
    told_.error = told_.error || cursor.kind() == json::Kind::kObject;
  }
}

Candidates::Choice* Candidates::find(std::uint32_t index) {
  const auto found = std::ranges::find(choices_, index, &Choice::index);
  if (found != choices_.end()) return &*found;
  if (choices_.size() == kMostChoices) return nullptr;
  Choice& choice = choices_.emplace_back();
  choice.index = index;
  return &choice;
}

void Candidates::piece(const Choice& choice, Piece piece) {
  if (sink_.pieces == nullptr) return;
  piece.choice = choice.index;
  sink_.pieces->push_back(std::move(piece));
}

void Candidates::read_candidate(json::Cursor& cursor, std::size_t position) {
  // The members stand in any order: which candidate it is has to be known first, why it ends last.
  std::optional<json::Cursor> content, grounding, citations, logprobs;
  std::uint64_t index = position;
  std::string word;
  const bool object = json::each_member(cursor, [&](std::string_view key) {
    if (key == "index") {
      index = take_count(cursor).value_or(position);
    } else if (key == "finishReason") {
      word = take_name(cursor);
    } else if (key == "content") {
      content = cursor;
    } else if (key == "groundingMetadata") {
      grounding = cursor;
    } else if (key == "citationMetadata") {
      citations = cursor;
    } else if (key == "logprobsResult") {
      logprobs = cursor;
    }
  });
  Choice* const choice = object && index < kMostChoices ? find(static_cast<std::uint32_t>(index)) : nullptr;
  if (choice == nullptr || cursor.broken()) return;
  if (content) read_content(*content, *choice);
  if (grounding) read_grounding(*grounding, *choice);
  if (citations) read_citations(*citations, *choice);
  if (logprobs && sink_.pieces != nullptr) {
    Piece told;
    told.kind = PieceKind::kLogprobs;
    told.raw = texts()->keep(to_chat_logprobs(*logprobs));
    piece(*choice, told);
  }
  finish(*choice, word);
}

void Candidates::read_content(json::Cursor& cursor, Choice& choice) {
  json::each_member(cursor, [&](std::string_view key) {
    if (key != "parts") return;
    choice.begins.clear();
    json::each_element(cursor, [&](std::size_t) {
      choice.begins.push_back(choice.said);
      read_part(cursor, choice);
    });
  });
}

void Candidates::read_part(json::Cursor& cursor, Choice& choice) {
  Seen seen;
  const std::size_t begin = cursor.offset();
  const bool object = json::each_member(cursor, [&](std::string_view key) {
    if (key == "text") {
      seen.text = json::take_string(cursor);
    } else if (key == "thought") {
      seen.thought = cursor.kind() == json::Kind::kTrue;
    } else if (key == "thoughtSignature") {
      seen.signature = json::take_string(cursor).value_or(Escaped{});
    } else if (key == "functionCall") {
      read_call(cursor, seen);
    } else if (key == "inlineData" || key == "fileData") {
      read_media(cursor, seen);
    } else if (!is_about_another_member(key)) {
      seen.other = true;
    }
  });
  if (!object || cursor.broken()) return;
  seen.raw = text_.substr(begin, cursor.end_of_last() - begin);
  take(choice, seen);
}

void Candidates::read_call(json::Cursor& cursor, Seen& seen) {
  seen.call = json::each_member(cursor, [&](std::string_view key) {
    if (key == "id") {
      seen.id = json::take_string(cursor).value_or(Escaped{});
    } else if (key == "name") {
      seen.name = json::take_string(cursor).value_or(Escaped{});
    } else if (key == "args" && cursor.kind() == json::Kind::kObject) {
      seen.arguments = cursor.skip();
    } else if (key == "willContinue") {
      seen.continues = cursor.kind() == json::Kind::kTrue;
    } else if (key == "partialArgs") {
      json::each_element(cursor, [&](std::size_t) {
        Seen::Fragment& fragment = seen.fragments.emplace_back();
        json::each_member(cursor, [&](std::string_view name) {
          if (name == "jsonPath") {
            fragment.path = json::take_string(cursor).value_or(Escaped{});
          } else if (name == "stringValue") {
            fragment.text = json::take_string(cursor);
          } else if (name == "nullValue") {
            fragment.value = "null";
          } else if (name == "numberValue" || name == "boolValue") {
            fragment.value = cursor.skip();
          }
        });
      });
    }
  });
}

void Candidates::read_media(json::Cursor& cursor, Seen& seen) {
  chat::Media media;
  const bool object = json::each_member(cursor, [&](std::string_view key) {
    if (key == "mimeType") media.type = json::take_string(cursor).value_or(Escaped{});
    if (key == "data") media.data = json::take_string(cursor).value_or(Escaped{});
    if (key == "displayName") media.name = json::take_string(cursor).value_or(Escaped{});
    if (key == "fileUri") {
      media.form = chat::Media::Form::kUrl;
      media.data = json::take_string(cursor).value_or(Escaped{});
    }
  });
  if (object && !media.data.empty()) seen.media = media;
}

void Candidates::read_feedback(json::Cursor& cursor) {
  std::string reason;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "blockReason") reason = take_name(cursor);
  });
  if (reason.empty() || reason == "BLOCKED_REASON_UNSPECIFIED") return;
  blocked_ = true;
  ends_ = true;
  learned_.finish_reason = reason;
  learned_.finish = FinishReason::kContentFilter;
  Choice* const choice = find(0);
  if (choice == nullptr || choice->finished) return;
  choice->finished = true;
  Piece end;
  end.kind = PieceKind::kFinish;
  end.finish = FinishReason::kContentFilter;
  piece(*choice, end);
}

// ---- sources

void Candidates::read_grounding(json::Cursor& cursor, Choice& choice) {
  std::uint64_t searches = 0;
  std::vector<chat::Citation> chunks;
  std::vector<Support> supports;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "groundingChunks") {
      json::each_element(cursor, [&](std::size_t) { chunks.push_back(read_chunk(cursor)); });
    } else if (key == "groundingSupports") {
      json::each_element(cursor, [&](std::size_t) { supports.push_back(read_support(cursor)); });
    } else if (key == "webSearchQueries") {
      json::each_element(cursor, [&](std::size_t) { ++searches; });
    }
  });
  learned_.usage.tool_requests = std::max(learned_.usage.tool_requests, searches);
  if (!cursor.broken()) cite_all(choice, chunks, supports);
}

// {"web": {"uri", "title"}}, and the same for maps, images and documents.
chat::Citation Candidates::read_chunk(json::Cursor& cursor) {
  chat::Citation citation;
  const std::size_t begin = cursor.offset();
  json::each_member(cursor, [&](std::string_view kind) {
    const bool quotes = kind == "retrievedContext" || kind == "maps";
    if (cursor.kind() != json::Kind::kObject) return;
    json::each_member(cursor, [&](std::string_view key) {
      if (key == "uri" || key == "sourceUri") citation.url = json::take_string(cursor).value_or(Escaped{});
      if (key == "title") citation.title = json::take_string(cursor).value_or(Escaped{});
      if (key == "text" && quotes) citation.quote = json::take_string(cursor).value_or(Escaped{});
    });
  });
  if (!cursor.broken()) citation.raw = text_.substr(begin, cursor.end_of_last() - begin);
  return citation;
}

// {"segment": {"partIndex", "startIndex", "endIndex"}, "groundingChunkIndices"}. Without the index of a part it counts
// in all text so far: the parts of streams are pieces of one text.
Candidates::Support Candidates::read_support(json::Cursor& cursor) {
  Support support;
  support.of.unit = chat::Extent::Unit::kBytes;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "groundingChunkIndices") {
      json::each_element(cursor,
                         [&](std::size_t) { support.chunks.push_back(take_count(cursor).value_or(kMostCited)); });
    } else if (key == "segment") {
      json::each_member(cursor, [&](std::string_view name) {
        if (name == "partIndex") support.part = take_count(cursor).value_or(0);
        if (name == "startIndex") support.of.begin = take_count(cursor).value_or(0);
        if (name == "endIndex") support.of.end = take_count(cursor).value_or(0);
      });
    }
  });
  return support;
}

// Each chunk once for each text that it supports; those that support none are of the text before them.
void Candidates::cite_all(Choice& choice, std::vector<chat::Citation>& chunks, const std::vector<Support>& supports) {
  std::vector<bool> told(chunks.size());
  for (const Support& support : supports) {
    chat::Extent of = support.of;
    if (support.part > 0 && support.part < choice.begins.size()) {
      of.begin += choice.begins[support.part];
      of.end += choice.begins[support.part];
    }
    for (const std::uint64_t index : support.chunks) {
      if (index >= chunks.size()) continue;
      told[index] = true;
      chunks[index].of = of;
      cite(choice, chunks[index]);
    }
  }
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    if (!told[i]) cite(choice, chunks[i]);
  }
}

void Candidates::read_citations(json::Cursor& cursor, Choice& choice) {
  json::each_member(cursor, [&](std::string_view list) {
    if (list != "citations" && list != "citationSources") return;
    json::each_element(cursor, [&](std::size_t) {
      chat::Citation citation;
      const std::size_t begin = cursor.offset();
      json::each_member(cursor, [&](std::string_view key) {
        if (key == "uri") citation.url = json::take_string(cursor).value_or(Escaped{});
        if (key == "title") citation.title = json::take_string(cursor).value_or(Escaped{});
        if (key == "startIndex") citation.of.begin = take_count(cursor).value_or(0);
        if (key == "endIndex") citation.of.end = take_count(cursor).value_or(0);
      });
      if (cursor.broken()) return;
      if (citation.of.end > 0) citation.of.unit = chat::Extent::Unit::kBytes;
      citation.raw = text_.substr(begin, cursor.end_of_last() - begin);
      cite(choice, citation);
    });
  });
}

// Streams repeat them.
void Candidates::cite(Choice& choice, const chat::Citation& citation) {
  if (citation.url.empty() || citation.url.raw.size() > max_bytes_ / kMostCited || sink_.pieces == nullptr) return;
  std::string key = std::to_string(citation.of.begin) + ' ' + std::to_string(citation.of.end) + ' ';
  key += citation.url.raw;
  if (choice.cited.size() == kMostCited || std::ranges::find(choice.cited, key) != choice.cited.end()) return;
  choice.cited.push_back(std::move(key));
  Piece told;
  told.kind = PieceKind::kCitation;
  told.citation = citation;
  piece(choice, told);
}

void Candidates::finish(Choice& choice, std::string_view word) {
  const FinishReason reason = finish_of(word);
  if (reason == FinishReason::kNone) return;
  ends_ = true;
  // A call that is open here was cut off, unless the model ended on its own.
  if (choice.open) close_call(choice, reason == FinishReason::kStop ? Whole::kYes : Whole::kNo);
  end_reasoning(choice);
  learned_.finish_reason = word;
  learned_.finish = reason == FinishReason::kStop && choice.calls ? FinishReason::kToolCalls : reason;
  if (choice.finished) return;
  choice.finished = true;
  Piece end;
  end.kind = PieceKind::kFinish;
  end.finish = learned_.finish;
  piece(choice, end);
}

}  // namespace sluice::dialect::gemini
