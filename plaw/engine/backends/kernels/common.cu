// What all kernels share: the hyper-parameters, the two learning rules, sums over a warp and over a block.
// The files of this folder are compiled as one text, this one first; no header is needed.

// Hyper-parameters of one replica and weight layer: a row of the host's float32 array (replicas, layers, 10).
struct Rule {
    float mu, decay_factor, eta, eta_decay, A, beta;  // decay_factor = 1 - alpha, eta_decay = exp(-tau); eta is momentum's, the others are shared or accelerated
    float subtract, gain;                 // of the hidden units that this layer feeds: sigmoid(gain (h - subtract <h>))
    float before, softmax;                // not 0: <h> without the example presented; outputs that sum to 1
};

// One weight after an example, g being the gradient:
//     momentum      V <- mu V - eta g                                               W <- decay_factor W + V      (Eqs 3, 4)
//     accelerated   eta <- eta_decay eta + A tanh(beta g),   V <- mu V - |eta| g        W <- decay_factor W + V      (Eqs 6, 7)
template <bool ACCELERATED>
__device__ __forceinline__ void update(const Rule& rule, float decay_factor, float gradient, float& w, float& v, float& eta)
{
    float rate = rule.eta;
    if (ACCELERATED) {
        eta = rule.eta_decay * eta + rule.A * tanhf(rule.beta * gradient);
        rate = fabsf(eta);
    }
    v = rule.mu * v - rate * gradient;
    w = decay_factor * w + v;
}

// The same for element k of arrays in memory; momentum has no array eta.
template <bool ACCELERATED>
__device__ __forceinline__ void update_at(const Rule& rule, float decay_factor, float gradient, float* w, float* v, float* eta, int k)
{
    float none = 0.0f;
    update<ACCELERATED>(rule, decay_factor, gradient, w[k], v[k], ACCELERATED ? eta[k] : none);
}

__device__ __forceinline__ float sigmoid(float z)
{
    return 1.0f / (1.0f + expf(-z));
}

// The sum over the 32 threads of a warp, in all of them.
__device__ __forceinline__ float warp_sum(float value)
{
    for (int distance = 16; distance > 0; distance /= 2)
        value += __shfl_xor_sync(0xffffffffu, value, distance);
    return value;
}

// N sums over the block at once: thread m < N returns the sum of all threads' values[m]. The order of summation is fixed.
template <int N>
__device__ __forceinline__ float block_sum(const float (&values)[N])
{
    __shared__ float partial[N * 32];
    int warps = blockDim.x / 32;
    for (int m = 0; m < N; ++m) {
        float sum = warp_sum(values[m]);
        if (threadIdx.x % 32 == 0) partial[m * 32 + threadIdx.x / 32] = sum;
    }
    __syncthreads();
    float total = 0.0f;
    if (threadIdx.x < N)
        for (int warp = 0; warp < warps; ++warp) total += partial[threadIdx.x * 32 + warp];
    return total;
}
