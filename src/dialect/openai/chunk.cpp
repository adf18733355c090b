#include "dialect/openai/chunk.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "dialect/openai/usage.h"
#include "dialect/shown.h"
#include "json/reader.h"
#include "json/text.h"

namespace sluice::dialect::openai {

namespace {

constexpr std::size_t kMostLearned = 1024;  // ids and names longer than this are not kept

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// Consumes a value; false for null, false, "", [] and {}.
bool take_filled(json::Cursor& cursor) {
  const json::Kind kind = cursor.kind();
  const std::string_view text = cursor.skip();
  switch (kind) {
    case json::Kind::kString:
      return text.size() > 2;
    case json::Kind::kObject:
    case json::Kind::kArray:
      return text.size() > 2 && !is_blank(text.substr(1, text.size() - 2));
    case json::Kind::kNumber:
    case json::Kind::kTrue:
      return true;
    default:
      return false;
  }
}

// Consumes a value; when it is a text that says something, keeps it.
void learn(std::string& what, json::Cursor& cursor) {
  const std::string_view raw = cursor.take_text();
  if (raw.empty() || raw.size() > kMostLearned || raw == what) return;
  if (raw.find('\\') == std::string_view::npos) {
    what = raw;
  } else if (auto plain = json::unescape(raw)) {
    what = *std::move(plain);
  }
}

class ChunkReader {
 public:
  ChunkReader(Kind kind, std::string_view text, json::Cursor& cursor, chat::Learned& learned, Choices& choices,
              const Telling* telling)
      : endpoint_(kind), text_(text), cursor_(cursor), learned_(learned), choices_(choices), telling_(telling) {}

  Chunk read() {
    if (!cursor_.enter_object()) {
      cursor_.skip();
      return chunk_;
    }
    while (auto key = cursor_.next_key()) {
      if (usage_is_first_) chunk_.usage_end = cursor_.key_begin();
      usage_is_first_ = false;
      member(*key);
    }
    learned_.count_shown(told_output_);
    return chunk_;
  }

 private:
  void member(std::string_view key) {
    if (key == "choices") {
      read_choices();
    } else if (key == "id") {
      learn(learned_.id, cursor_);
    } else if (key == "model") {
      learn(learned_.model, cursor_);
    } else if (key == "usage") {
      read_usage_member();
    } else if (key == "service_tier") {
      learn(learned_.service_tier, cursor_);
    } else if (key == "created") {
      learned_.created = to_number<std::int64_t>(cursor_.skip()).value_or(learned_.created);
    } else if (key == "citations" && telling_ != nullptr) {
      telling_->pieces.cite(cursor_.skip());
    } else if (key == "error") {
      chunk_.error = take_filled(cursor_) || chunk_.error;
    } else if (key == "object") {
      chunk_.error = cursor_.take_text() == "error" || chunk_.error;
    } else if (key == "x_groq") {
      read_groq();
    } else if (key == "type") {
      read_type();
    } else if (carries_answer(key)) {
      chunk_.content = take_filled(cursor_) || chunk_.content;
    } else {
      cursor_.skip();
    }
  }

  // Of events of speech, transcriptions and images: some providers give them no type, or one of their own.
  bool carries_answer(std::string_view key) const {
    if (endpoint_ == Kind::kChat || endpoint_ == Kind::kCompletions) return false;
    constexpr std::array<std::string_view, 7> kCarry{"audio", "audio_data", "b64", "b64_json", "delta", "text", "url"};
    return std::ranges::find(kCarry, key) != kCarry.end();
  }

  void read_usage_member() {
    chunk_.usage_begin = cursor_.cut_begin();
    usage_is_first_ = cursor_.first_member();
    chunk_.usage_object = cursor_.kind() == json::Kind::kObject;
    note_usage();
    chunk_.usage_end = cursor_.end_of_last();
  }

  // What the last usage does not tell, the ones before it did. Servers send zeros on each event, also after a real one.
  void note_usage() {
    const auto usage = read_usage(cursor_, learned_.usage);
    if (!usage) return;
    chunk_.usage = true;
    told_output_ = std::max(told_output_, usage->output);
    learned_.usage = chat::joined(learned_.usage, *usage);
  }

  void read_groq() {
    if (!cursor_.enter_object()) {
      cursor_.skip();
      return;
    }
    while (auto key = cursor_.next_key()) {
      if (*key == "usage") {
        note_usage();
      } else if (*key == "error") {
        chunk_.error = take_filled(cursor_) || chunk_.error;
      } else {
        cursor_.skip();
      }
    }
  }

  void read_choices() {
    chunk_.choices = true;
    if (!cursor_.enter_array()) {
      cursor_.skip();
      return;
    }
    while (cursor_.next_element()) {
      read_choice(chunk_.choice_count);
      ++chunk_.choice_count;
    }
  }

  void read_choice(std::uint64_t index) {
    if (!cursor_.enter_object()) {
      cursor_.skip();
      return;
    }
    ChoiceText choice;
    choice.index = index;
    held_ = {};
    const bool had_content = chunk_.content;
    const std::uint64_t had_shown = learned_.shown;
    while (auto key = cursor_.next_key()) {
      if (*key == "index") {
        const bool is_number = cursor_.kind() == json::Kind::kNumber;
        const auto number = to_number<std::uint64_t>(cursor_.skip());
        if (is_number && number) choice.index = *number;
      } else if (*key == "message" && !choice.delta.empty()) {
        cursor_.skip();  // some servers repeat the whole text so far beside what is new
      } else if (*key == "delta" || *key == "message") {
        const std::size_t begin = cursor_.offset();
        if (!choice.delta.empty()) {  // a message stood before the delta: only what is new counts
          chunk_.content = had_content;
          learned_.shown = had_shown;
          held_ = {};
        }
        read_delta();
        choice.delta = text_.substr(begin, cursor_.end_of_last() - begin);
      } else if (*key == "text") {
        chunk_.delta = true;
        const std::string_view text = cursor_.take_text();
        chunk_.content = !text.empty() || chunk_.content;
        learned_.show({text});
      } else if (*key == "finish_reason") {
        choice.finish = cursor_.take_text();  // some servers send "" until the end
      } else if (*key == "logprobs") {
        choice.logprobs = cursor_.skip();
      } else if (*key == "stop_reason") {
        choice.stop_reason = cursor_.skip();
      } else {
        cursor_.skip();
      }
    }
    note(choice);
    if (telling_ != nullptr && !cursor_.broken()) {
      telling_->pieces.read(choice, learned_, telling_->texts, telling_->emit);
    }
  }

  void note(const ChoiceText& choice) {
    const bool finished = !choice.finish.empty();
    chunk_.finish = chunk_.finish || finished;
    const Held held = choices_.note(choice.index, finished, held_);
    if (!finished) return;
    if (choice.finish != learned_.finish_reason && choice.finish.size() <= kMostLearned) {
      learned_.finish_reason = json::unescape(choice.finish).value_or(std::string(choice.finish));
    }
    learned_.finish = finish_of(choice.finish, held);
  }

  void read_delta() {
    chunk_.delta = true;
    if (!cursor_.enter_object()) {
      cursor_.skip();
      return;
    }
    std::uint64_t reasoning = 0;
    while (auto key = cursor_.next_key()) {
      if (*key == "role") {
        cursor_.skip();
        continue;
      }
      const bool calls = *key == "tool_calls" || *key == "function_call";
      const bool refusal = *key == "refusal";
      // Some servers say the same reasoning in several members.
      const bool reasons = *key == "reasoning_content" || *key == "reasoning" || *key == "reasoning_details";
      const bool shows = calls || refusal || *key == "content" || *key == "audio";
      std::uint64_t shown = 0;
      const bool filled = reasons || shows ? take_shown(shown) : take_filled(cursor_);
      if (reasons) reasoning = std::max(reasoning, shown);
      if (shows) learned_.shown += shown;
      chunk_.content = chunk_.content || filled;
      held_.calls = held_.calls || (filled && calls);
      held_.refusal = held_.refusal || (filled && refusal);
    }
    learned_.shown += reasoning;
  }

  // take_filled(), and how much the value shows.
  bool take_shown(std::uint64_t& shown) {
    if (cursor_.kind() == json::Kind::kString) {
      const std::string_view text = cursor_.take_text();
      shown = json::plain_size(text);
      return !text.empty();
    }
    json::Cursor ahead = cursor_;
    shown = shown_in(ahead);
    return take_filled(cursor_);
  }

  // The events of speech, transcription and image streams name their type.
  void read_type() {
    const std::string_view type = cursor_.take_text();
    if (endpoint_ == Kind::kChat || endpoint_ == Kind::kCompletions) return;
    constexpr std::array<std::string_view, 4> kTerminal{"speech.audio.done", "transcript.text.done",
                                                        "image_generation.completed", "image_edit.completed"};
    if (std::ranges::find(kTerminal, type) != kTerminal.end()) {
      chunk_.terminal = chunk_.finish = true;
      chunk_.content = chunk_.content || type.starts_with("image_");  // it carries the image
    } else if (type.ends_with(".delta") || type.ends_with(".segment") || type.ends_with(".partial_image")) {
      chunk_.content = true;
    }
  }

  Kind endpoint_;
  std::string_view text_;
  json::Cursor& cursor_;
  chat::Learned& learned_;
  Choices& choices_;
  const Telling* telling_;
  Held held_;  // by the choice that is being read
  Chunk chunk_;
  bool usage_is_first_ = false;
  std::uint64_t told_output_ = 0;  // by the usage of this chunk
};

}  // namespace

Choices::Choice* Choices::find(std::uint64_t index) {
  if (first_ && first_->index == index) return &*first_;
  auto found = std::ranges::find(others_, index, &Choice::index);
  return found == others_.end() ? nullptr : &*found;
}

Held Choices::note(std::uint64_t index, bool finished, const Held& held) {
  auto* found = find(index);
  if (!found) {
    if (others_.size() + 1 == kMost) overflowed_ = true;
    if (overflowed_) return held;
    const Choice choice{index, finished, held};
    if (first_) {
      others_.push_back(choice);
    } else {
      first_ = choice;
    }
    if (!finished) ++unfinished_;
    return held;
  }
  found->held.calls = found->held.calls || held.calls;
  found->held.refusal = found->held.refusal || held.refusal;
  if (finished && !found->finished) {
    found->finished = true;
    --unfinished_;
  }
  return found->held;
}

// Content wins: an event that also says why the answer ends still holds something to be seen.
chat::EventKind Chunk::kind() const {
  if (content) return chat::EventKind::kContent;
  if (finish) return chat::EventKind::kFinish;
  if (usage) return chat::EventKind::kOther;
  if (delta || (choices && choice_count == 0)) return chat::EventKind::kPreamble;
  return chat::EventKind::kOther;
}

Chunk read_chunk(Kind kind, std::string_view text, json::Cursor& cursor, chat::Learned& learned, Choices& choices,
                 const Telling* telling) {
  return ChunkReader(kind, text, cursor, learned, choices, telling).read();
}

}  // namespace sluice::dialect::openai
