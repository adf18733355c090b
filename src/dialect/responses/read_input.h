// Reads `input`: a string, or items in order.
//
// Thread rule: one thread. Lifetime: used while the body is walked; the request outlives it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "chat/request.h"
#include "dialect/reading.h"
#include "dialect/responses/item.h"
#include "json/reader.h"

namespace sluice::dialect::responses {

class InputReader {
 public:
  InputReader(std::string_view body, Reading& reading, chat::Request& request)
      : body_(body), reading_(reading), request_(request) {}

  // The cursor stands on the value of `input`.
  void read();

 private:
  std::string path(std::string_view member) const;
  void place(Item& item);
  void add_message(Item& item);
  void add_reasoning(Item& item);
  void add_call(Item& item);
  void add_result(Item& item);
  void add_server_item(Item& item);
  void note_unknown(const Item& item);
  std::string_view arguments_of(Item& item);
  std::vector<chat::Part> parts_of(const Item::Body& body, std::string_view member);
  chat::Part part_of(const Content& content, const std::string& path);
  chat::Turn& turn(chat::Role role);

  std::string_view body_;
  Reading& reading_;
  chat::Request& request_;
  json::Reader nested_;  // for JSON inside of strings
  std::string path_;     // of the item that is read: "input[3]"
};

}  // namespace sluice::dialect::responses
