// Reads the form of data/models.json into a Catalogue. Its fields are told in docs/guide/prices.md.
//
// Strict: a field that is not known, is missing or holds something else ends the reading with a mistake that names
// entry and field. Thread rule: one thread. Lifetime: what it is given outlives it.
#pragma once

#include <string>
#include <string_view>

#include "json/cursor.h"
#include "provider/catalogue/catalogue.h"

namespace sluice::provider {

class CatalogueReader {
 public:
  CatalogueReader(json::Cursor& cursor, Catalogue& into) : cursor_(cursor), into_(into) {}

  // Empty when all is well, else a sentence's end: "openai/gpt-4o: prices.input is empty".
  std::string read();

 private:
  struct Entry {
    Model model;
    std::vector<Model> variants;
    std::string place;  // the field that is read, below the entry: "tiers[0].prices."
    bool is_variant = false;
    bool has_prices = false;
  };

  void read_top(std::string_view key);
  void read_entry(std::size_t index);
  void read_field(std::string_view key, Entry& entry);
  void read_facts(std::string_view key, Entry& entry);
  void read_changes(std::string_view key, Entry& entry);
  void add(Entry& entry);

  void read_prices(Entry& entry, Rates& rates);
  void read_tiers(Entry& entry);
  void read_tier(Entry& entry, Tier& tier);
  void read_later(Entry& entry);
  void read_off_peak(Entry& entry);
  void read_peak_hours(Entry& entry, OffPeak& off_peak);
  void read_factors(Entry& entry);
  void read_variants(Entry& entry);
  void read_abilities(Entry& entry, std::uint32_t& set);
  void finish_prices(Entry& entry);

  std::string text(Entry& entry, std::string_view field);
  std::uint64_t count(Entry& entry, std::string_view field, std::uint64_t most);
  std::string day(Entry& entry, std::string_view field);
  void wrong(const Entry& entry, std::string_view field, std::string_view what);
  template <class Visit>
  void members(Entry& entry, std::string_view field, Visit visit);
  template <class Visit>
  void elements(Entry& entry, std::string_view field, Visit visit);

  json::Cursor& cursor_;
  Catalogue& into_;
  std::string label_;  // of an entry whose name is not read yet: "models[3]"
  std::string mistake_;
  bool has_schema_ = false;
};

}  // namespace sluice::provider
