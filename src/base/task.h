// A lazy coroutine: it starts when awaited, runs on the thread of its awaiter and resumes it by symmetric transfer.
//
//   Task<Result<int>> f();          auto r = co_await f();
//   return Task<Status>::ready({}); of a function that is no coroutine: it has ended already and needs no frame
//   spawn(f(), tasks);              starts it; the TaskGroup owns it and join() waits for it
//
// Thread rule: a task lives and dies on the thread that started it. Ownership: the Task object owns the frame;
// destroying an unfinished Task destroys the frame, which is allowed only before it was started. Exceptions travel to
// the awaiter.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace sluice {

template <class T>
class Task;

namespace detail {

struct FinalAwaiter {
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) const noexcept {
    return self.promise().waiter;
  }
  void await_resume() const noexcept {}
};

struct PromiseBase {
  std::coroutine_handle<> waiter = std::noop_coroutine();
  std::exception_ptr error;

  std::suspend_always initial_suspend() const noexcept { return {}; }
  FinalAwaiter final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { error = std::current_exception(); }
  void rethrow() const {
    if (error) std::rethrow_exception(error);
  }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;

  Task<T> get_return_object() noexcept;
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() {
    rethrow();
    return std::move(*value);
  }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void take() const { rethrow(); }
};

}  // namespace detail

template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) noexcept : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)), ended_(std::move(other.ended_)) {}
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  using Value = std::conditional_t<std::is_void_v<T>, std::monostate, T>;
  static Task ready(Value value = {}) { return Task(std::optional<Value>(std::move(value))); }

  // co_await task: runs it to its end; throws what it threw.
  bool await_ready() const noexcept { return !handle_; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiter) noexcept {
    handle_.promise().waiter = waiter;
    return handle_;
  }
  T await_resume() {
    if (handle_) return handle_.promise().take();
    if constexpr (!std::is_void_v<T>) return std::move(*ended_);
  }

 private:
  explicit Task(std::optional<Value> ended) noexcept : ended_(std::move(ended)) {}

  Handle handle_;               // null: it has ended
  std::optional<Value> ended_;  // with this value
};

template <class T>
Task<T> detail::Promise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}
inline Task<void> detail::Promise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

// Owns detached tasks: counts those that run and lets one coroutine wait until none does.
// Thread rule: one thread. Lifetime: must not be destroyed while size() > 0.
class TaskGroup {
 public:
  TaskGroup() = default;
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  std::size_t size() const { return running_; }

  // co_await group.join(): returns once every task has ended (at once when there is none).
  auto join() {
    struct Awaiter {
      TaskGroup& group;
      bool await_ready() const noexcept { return group.running_ == 0; }
      void await_suspend(std::coroutine_handle<> waiter) noexcept { group.joiner_ = waiter; }
      void await_resume() const noexcept {}
    };
    return Awaiter{*this};
  }

 private:
  friend struct Detached;
  void ended() {
    if (--running_ == 0 && joiner_) std::exchange(joiner_, nullptr).resume();
  }

  std::size_t running_ = 0;
  std::coroutine_handle<> joiner_;
};

// The frame around a spawned task; frees itself at its end. Use spawn().
struct Detached {
  struct promise_type {
    Detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }  // a spawned task catches its own bugs
  };
  static void ended(TaskGroup& group) { group.ended(); }
  static void started(TaskGroup& group) { ++group.running_; }
};

// Starts `task` now, on this thread; `group` must outlive it. The task must not throw.
inline Detached spawn(Task<void> task, TaskGroup& group) {
  struct Member {
    TaskGroup& group;
    explicit Member(TaskGroup& g) : group(g) { Detached::started(g); }
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;
    ~Member() { Detached::ended(group); }
  };
  // Declared so that the task's frame is gone before the group learns of its end.
  Member member(group);
  {
    Task<void> owned = std::move(task);
    co_await owned;
  }
}

}  // namespace sluice
