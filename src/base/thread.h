// Threads with names, which `top -H`, `perf` and debuggers show.
//
// Thread rule: any thread.
#pragma once

#include <pthread.h>

#include <thread>
#include <utility>

namespace sluice {

// Runs `work` on a thread of this name, of which the system keeps 15 bytes.
template <class Work>
std::jthread named_thread(const char* name, Work work) {
  return std::jthread([name, work = std::move(work)]() mutable {
    ::pthread_setname_np(::pthread_self(), name);
    work();
  });
}

}  // namespace sluice
