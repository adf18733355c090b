// What the official helper for streams holds a stream to.
//
// Thread rule: one thread.
#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "dialect/responses/fixture_test.h"

namespace sluice::dialect::responses::testing {

class Stream {
 public:
  // Every event, as JSON.
  explicit Stream(std::string_view text) { split(text); }

  void check(std::uint64_t first = 0) {
    for (const std::string& event : events) {
      EXPECT_EQ(at(event, "/sequence_number"), std::to_string(first++));
      check_event(at(event, "/type"), event);
    }
    if (terminal != "\"response.failed\"") EXPECT_EQ(done.size(), items.size());
  }

  std::vector<std::string> events;
  std::string terminal;  // its type
  std::string response;  // of the terminal event
  std::string types;

 private:
  void split(std::string_view text) {
    while (!text.empty()) {
      const auto end = text.find("\n\n");
      ASSERT_NE(end, std::string_view::npos) << text;
      take(text.substr(0, end));
      text.remove_prefix(end + 2);
    }
  }

  void take(std::string_view frame) {
    const auto line = frame.find('\n');
    ASSERT_TRUE(frame.starts_with("event: ")) << frame;
    const std::string_view data = frame.substr(line + 1);
    ASSERT_TRUE(data.starts_with("data: ") && data.find('\n') == std::string_view::npos) << frame;
    events.emplace_back(data.substr(6));
    EXPECT_EQ(at(events.back(), "/type"), "\"" + std::string(frame.substr(7, line - 7)) + "\"");
    types += std::string(frame.substr(7, line - 7)) + "\n";
  }

  void check_event(const std::string& type, const std::string& event) {
    EXPECT_EQ(terminal, "") << "behind the end: " << event;
    const std::string index = at(event, "/output_index");
    if (const std::string id = at(event, "/response/id"); !id.empty()) {
      if (response_id.empty()) response_id = id;
      EXPECT_EQ(id, response_id);
    }
    if (type == "\"response.output_item.added\"") {
      EXPECT_EQ(index, std::to_string(items.size()));
      items.push_back(at(event, "/item/id"));
      EXPECT_EQ(done.size() + 1, items.size()) << "two items are open";
    } else if (type == "\"response.output_item.done\"") {
      EXPECT_EQ(at(event, "/item/id"), items.back());
      done.insert(index);
      finals.push_back(at(event, "/item"));
      check_deltas(finals.back());
      parts.clear();
      said.clear();
    } else if (const std::string item = at(event, "/item_id"); !item.empty()) {
      ASSERT_FALSE(items.empty());
      EXPECT_EQ(item, items.back());
      EXPECT_EQ(index, std::to_string(items.size() - 1));
      check_part(type, event);
    } else if (type == "\"response.completed\"" || type == "\"response.incomplete\"" || type == "\"response.failed\"") {
      terminal = type;
      response = at(event, "/response");
      std::string output;
      for (const std::string& item_json : finals) output += (output.empty() ? "[" : ",") + item_json;
      if (type != "\"response.failed\"") EXPECT_EQ(at(response, "/output"), output.empty() ? "[]" : output + "]");
    } else if (type == "\"error\"") {
      terminal = type;
    }
  }

  void check_part(const std::string& type, const std::string& event) {
    std::string part = at(event, "/content_index");
    if (part.empty()) part = at(event, "/summary_index");
    if (type.find("part.added") != std::string::npos) {
      EXPECT_TRUE(parts.insert(part).second);
    } else if (!part.empty()) {
      EXPECT_TRUE(parts.contains(part)) << event;
    }
    if (type.find(".delta") != std::string::npos) {
      const std::string delta = at(event, "/delta");
      said += delta.substr(1, delta.size() - 2);
    }
  }

  // The deltas of an item add up to what it says in the end.
  void check_deltas(const std::string& item) {
    std::string all;
    for (const char* member : {"/arguments", "/input", "/summary/0/text"}) {
      if (std::string text = at(item, member); !text.empty()) all = text.substr(1, text.size() - 2);
    }
    for (int i = 0; !at(item, "/content/" + std::to_string(i)).empty(); ++i) {
      const std::string path = "/content/" + std::to_string(i);
      const std::string text = at(item, path + (at(item, path + "/text").empty() ? "/refusal" : "/text"));
      all += text.substr(1, text.size() - 2);
    }
    EXPECT_EQ(said, all);
  }

  std::string response_id;
  std::string said;
  std::vector<std::string> items;
  std::vector<std::string> finals;
  std::set<std::string> done;
  std::set<std::string> parts;
};

}  // namespace sluice::dialect::responses::testing
