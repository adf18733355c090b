// An RSA key made for a test, and the check of what it signed. Thread rule: one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace sluice::provider {

class TestKey {
 public:
  TestKey();
  ~TestKey();
  TestKey(const TestKey&) = delete;
  TestKey& operator=(const TestKey&) = delete;

  std::string pem() const;
  bool verifies(std::string_view text, std::string_view signature) const;  // RSA with SHA-256

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::provider
