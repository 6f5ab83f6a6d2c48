// CUDA C on the CPU, for tests: the text of the kernels compiles as C++ after this header, and runs as a GPU would run it.
//
// Every thread of a block is a fiber with a stack of its own. Fibers run one at a time, in an order that the test chooses, and give way
// only at barriers and shuffles, so that a missing barrier shows as a result that depends on the order. Shared memory holds NaN
// before each block. A barrier that only some threads reach, wrong numbers or sizes of arguments, and touching memory that is none (as
// behind the end of an array made by emulator.fenced) are errors.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <numeric>
#include <setjmp.h>
#include <signal.h>
#include <ucontext.h>
#include <utility>
#include <vector>

#define __global__
#define __device__
#define __forceinline__ inline
#define __launch_bounds__(...)
using std::max;
using std::min;

struct Index { unsigned x, y, z; };
struct alignas(8) float2 { float x, y; };
struct alignas(16) float4 { float x, y, z, w; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
static Index threadIdx, blockIdx, blockDim, gridDim;

namespace emulator {

constexpr size_t STACK_BYTES = 65536, WARP = 32, MOST_THREADS = 1024;
enum class Waits { NOT, AT_BARRIER, IN_WARP, FOREVER };

struct Fiber {
    ucontext_t birth;
    jmp_buf here;
    std::unique_ptr<char[]> stack;
    Waits waits;
    bool born;
    unsigned shuffles;        // made so far: their parity says which of two mailboxes is in use
    uint64_t mailbox[2];
};

static std::vector<Fiber> fibers(MOST_THREADS);   // ucontext holds pointers into it: it never moves
static unsigned threads, running;
static jmp_buf scheduler;
static sigjmp_buf fault;
static void (*kernel_body)(void*);
static void* kernel_arguments;
static std::vector<std::pair<char*, size_t>> static_shared;
static std::vector<float4> dynamic_shared;

// Storage of one __shared__ array, known to the poisoner.
template <class Array, int ID>
Array& shared()
{
    alignas(16) static char storage[sizeof(Array)];
    static bool known = (memset(storage, 0xff, sizeof storage), static_shared.push_back({storage, sizeof(Array)}), true);
    (void)known;
    return reinterpret_cast<Array&>(storage);
}

static void wait(Waits reason)
{
    fibers[running].waits = reason;
    if (_setjmp(fibers[running].here) == 0) _longjmp(scheduler, 1);
}

static void live()   // a fiber is born once, and runs every block from then on
{
    for (;;) {
        kernel_body(kernel_arguments);
        wait(Waits::FOREVER);
    }
}

static void resume(unsigned thread)
{
    Fiber& fiber = fibers[thread];
    running = thread;
    threadIdx = {thread % blockDim.x, thread / blockDim.x % blockDim.y, thread / (blockDim.x * blockDim.y)};
    if (_setjmp(scheduler)) return;
    if (fiber.born) _longjmp(fiber.here, 1);
    fiber.born = true;
    setcontext(&fiber.birth);
}

// While one of these lives, a thread that touches memory that is none ends the launch instead of the process.
struct FaultsReported {
    struct sigaction before;
    FaultsReported()
    {
        struct sigaction report = {};
        report.sa_handler = [](int) { siglongjmp(fault, 1); };
        sigaction(SIGSEGV, &report, &before);
    }
    ~FaultsReported() { sigaction(SIGSEGV, &before, nullptr); }
};

static unsigned count(Waits reason, unsigned begin, unsigned end)
{
    return std::count_if(fibers.begin() + begin, fibers.begin() + end, [&](const Fiber& fiber) { return fiber.waits == reason; });
}

// Frees begin...end if all of them (or of those that have not returned) wait for that reason; true if any could go on.
static bool release(Waits reason, unsigned begin, unsigned end)
{
    unsigned waiting = count(reason, begin, end);
    if (waiting == 0 || waiting < end - begin) return false;
    for (unsigned thread = begin; thread < end; ++thread) fibers[thread].waits = Waits::NOT;
    return true;
}

static const char* run_block(const std::vector<unsigned>& order)
{
    if (sigsetjmp(fault, 1)) return "a thread touches memory outside of all arrays";
    for (auto [storage, bytes] : static_shared) memset(storage, 0xff, bytes);
    memset(dynamic_shared.data(), 0xff, dynamic_shared.size() * sizeof(float4));
    for (unsigned thread = 0; thread < threads; ++thread) fibers[thread].waits = Waits::NOT, fibers[thread].shuffles = 0;
    for (;;) {
        for (unsigned thread : order)
            if (fibers[thread].waits == Waits::NOT) resume(thread);
        bool moves = false;
        for (unsigned begin = 0; begin < threads; begin += WARP) moves |= release(Waits::IN_WARP, begin, min<unsigned>(begin + WARP, threads));
        if (moves) continue;
        if (count(Waits::FOREVER, 0, threads) == threads) return nullptr;
        if (!release(Waits::AT_BARRIER, 0, threads)) return "a barrier or a shuffle is reached by some threads of a block (or a warp) only";
    }
}

template <class T>
T shuffle_xor(T value, int distance)
{
    static_assert(sizeof(T) <= sizeof(uint64_t));
    unsigned lane = running % WARP, box = fibers[running].shuffles++ % 2, partner = running - lane + (lane ^ distance);
    memcpy(&fibers[running].mailbox[box], &value, sizeof(T));
    wait(Waits::IN_WARP);
    memcpy(&value, &fibers[partner].mailbox[box], sizeof(T));
    return value;
}

struct Launch {
    Index grid, block;
    size_t shared_bytes;
    void** arguments;
    const int* sizes;   // bytes of each argument
    int arguments_count;
    unsigned order;     // 0: threads in order, 1: in reverse, others: an order of their own
};

template <class... T, size_t... I>
void call(void (*kernel)(T...), void** arguments, std::index_sequence<I...>)
{
    kernel(*static_cast<T*>(arguments[I])...);
}

template <class... T>
const char* launch(void (*kernel)(T...), const Launch& launch)
{
    static char message[200];
    constexpr int wanted[] = {int(sizeof(T))...}, wanted_count = sizeof...(T);
    if (launch.arguments_count != wanted_count) {
        snprintf(message, sizeof message, "the kernel takes %d arguments, %d were given", wanted_count, launch.arguments_count);
        return message;
    }
    for (int i = 0; i < wanted_count; ++i)
        if (launch.sizes[i] != wanted[i]) {
            snprintf(message, sizeof message, "argument %d has %d bytes, the kernel reads %d", i, launch.sizes[i], wanted[i]);
            return message;
        }
    blockDim = launch.block, gridDim = launch.grid, threads = blockDim.x * blockDim.y * blockDim.z;
    if (threads == 0 || threads > MOST_THREADS || threads % WARP) return "a block has 32, 64, ... 1024 threads here";
    dynamic_shared.resize(launch.shared_bytes / sizeof(float4) + 1);

    std::vector<unsigned> order(threads);
    std::iota(order.begin(), order.end(), 0u);
    if (launch.order == 1) std::reverse(order.begin(), order.end());
    for (unsigned k = threads - 1, state = launch.order; launch.order > 1 && k > 0; --k)
        std::swap(order[k], order[(state = state * 1664525u + 1013904223u) / 65536u % (k + 1)]);

    struct Bound { void (*kernel)(T...); void** arguments; } bound{kernel, launch.arguments};
    kernel_arguments = &bound;
    kernel_body = [](void* data) { auto* b = static_cast<Bound*>(data); call(b->kernel, b->arguments, std::index_sequence_for<T...>{}); };
    for (unsigned thread = 0; thread < threads; ++thread) {
        Fiber& fiber = fibers[thread];
        if (fiber.stack) continue;
        fiber.stack.reset(new char[STACK_BYTES]);
        getcontext(&fiber.birth);
        fiber.birth.uc_stack.ss_sp = fiber.stack.get();
        fiber.birth.uc_stack.ss_size = STACK_BYTES;
        fiber.birth.uc_link = nullptr;
        makecontext(&fiber.birth, live, 0);
        fiber.born = false;
    }
    FaultsReported faults_reported;
    for (blockIdx.z = 0; blockIdx.z < gridDim.z; ++blockIdx.z)
        for (blockIdx.y = 0; blockIdx.y < gridDim.y; ++blockIdx.y)
            for (blockIdx.x = 0; blockIdx.x < gridDim.x; ++blockIdx.x)
                if (const char* error = run_block(order)) {
                    for (Fiber& fiber : fibers) fiber.stack.reset();   // they stand in the middle of a block: begin anew
                    return error;
                }
    return nullptr;
}

}  // namespace emulator

#define __syncthreads() emulator::wait(emulator::Waits::AT_BARRIER)
template <class T>
T __shfl_xor_sync(unsigned, T value, int distance)
{
    return emulator::shuffle_xor(value, distance);
}
