#include "source/threads.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace gatelint {

namespace {

std::size_t allowed_threads = 0;

/// More would wait for memory and not for processors.
constexpr std::size_t max_threads = 8;

std::size_t threads_for(std::size_t count) {
    const std::size_t processors =
        allowed_threads != 0 ? allowed_threads : std::thread::hardware_concurrency();
    return std::min({count, processors, max_threads});
}

}  // namespace

void limit_threads(std::size_t threads) {
    allowed_threads = threads;
}

void in_parallel(std::size_t count, const std::function<void(std::size_t)>& work) {
    const std::size_t threads = threads_for(count);
    if (threads <= 1) {
        for (std::size_t i = 0; i < count; ++i) work(i);
        return;
    }
    std::atomic<std::size_t> next = 0;
    std::mutex mutex;
    std::exception_ptr thrown;
    const auto take_work = [&]() {
        try {
            for (std::size_t i = next++; i < count; i = next++) work(i);
        } catch (...) {
            const std::lock_guard lock(mutex);
            if (thrown == nullptr) thrown = std::current_exception();
        }
    };
    std::vector<std::thread> others;
    for (std::size_t i = 1; i < threads; ++i) others.emplace_back(take_work);
    take_work();
    for (std::thread& other : others) other.join();
    if (thrown != nullptr) std::rethrow_exception(thrown);
}

}  // namespace gatelint
