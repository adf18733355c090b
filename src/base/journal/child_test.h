// Runs a scenario in a process of its own, which may be killed, have its files limited or see a disk of its own.
//
// Thread rule: one thread; a test that forks has no threads at that time.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <string>

namespace sluice::journal {

class Child {
 public:
  // `scenario` writes to the descriptor it is given.
  explicit Child(const std::function<void(int out)>& scenario) {
    int ends[2];
    if (::pipe(ends) != 0) ::abort();
    process_ = ::fork();
    if (process_ == 0) {
      ::close(ends[0]);
      scenario(ends[1]);
      ::_exit(0);
    }
    ::close(ends[1]);
    out_ = ends[0];
  }
  ~Child() {
    end();
    ::close(out_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  int out() const { return out_; }

  std::string all_it_says() {
    std::string text;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(out_, buffer, sizeof buffer)) > 0;)
      text.append(buffer, static_cast<std::size_t>(got));
    return text;
  }
  void kill() {
    ::kill(process_, SIGKILL);
    end();
  }

 private:
  void end() {
    if (process_ > 0) ::waitpid(process_, nullptr, 0);
    process_ = -1;
  }

  pid_t process_ = -1;
  int out_ = -1;
};

// What the scenario complains about; empty: nothing.
inline std::string in_a_child(const std::function<std::string()>& scenario) {
  Child child([&](int out) {
    auto complaint = scenario() + "\nended";
    if (::write(out, complaint.data(), complaint.size()) < 0) ::_exit(1);
  });
  auto said = child.all_it_says();
  if (!said.ends_with("\nended")) return "it crashed: " + said;
  return said.substr(0, said.size() - 6);
}

}  // namespace sluice::journal
