// The first layer of the direct engine: one launch applies the update of the example before and sums the field of the example now,
//
//     W_u, V_u  <-  rule(gradient = delta_u phi_u(before))         h_u = W_u . phi_u(now)
//
// with phi_u = (pixels, crosses x_i x_j of this unit), so that each weight is read once and written once a step.
//
// Grid (unit, replica), one block a row of weights. A thread takes four neighbouring weights: 16 bytes each of W, V (and the
// accelerated rule's eta) and, for crosses, of four packed pairs i + 65536 j; neighbouring threads read neighbouring 16 bytes. Rows
// are padded with zeros to whole fours (a padded cross multiplies a padded pixel), so that there are no ragged ends.
// Both examples lie in shared memory side by side, x[i] = (before, now): a cross gathers both with one 8-byte load, and the pixel i
// is the same for most neighbours, the pairs being sorted.
//
// A step moves, for each weight and replica, 16 bytes (momentum: W and V in and out) or 24 (accelerated), and for each cross 4 bytes
// of pairs, which all replicas share through the L2 cache; it does 8 operations a pixel and 10 a cross (momentum; 24 more if
// accelerated, with tanh as 20). That is far below what a GPU can do per byte: the memory sets the pace.
//
// weights, velocity, eta: (replicas, units, pixels + crosses); images: (n, pixels); pairs: (units, crosses); order: (replicas, steps);
// rules: (replicas, layers); delta, field: (replicas, units); step: (replicas,), counted up by the kernel of upper_layers.cu.
// In step 0 nothing is updated yet; the launch after the last step only updates.

// Updates four weights, if it is time to, and returns their part of the field; phi[k] = (before, now).
template <bool ACCELERATED>
__device__ __forceinline__ float advance(
    const Rule& rule, bool learn, float delta, float4* weights, float4* velocity, float4* eta, int k, const float2 (&phi)[4])
{
    float4 w = weights[k];
    if (learn) {
        float4 v = velocity[k], e = ACCELERATED ? eta[k] : w;
        update<ACCELERATED>(rule, rule.decay_factor, delta * phi[0].x, w.x, v.x, e.x);
        update<ACCELERATED>(rule, rule.decay_factor, delta * phi[1].x, w.y, v.y, e.y);
        update<ACCELERATED>(rule, rule.decay_factor, delta * phi[2].x, w.z, v.z, e.z);
        update<ACCELERATED>(rule, rule.decay_factor, delta * phi[3].x, w.w, v.w, e.w);
        weights[k] = w;
        velocity[k] = v;
        if (ACCELERATED) eta[k] = e;
    }
    return w.x * phi[0].y + w.y * phi[1].y + w.z * phi[2].y + w.w * phi[3].y;
}

__device__ __forceinline__ float2 cross(const float2* x, unsigned pair)
{
    float2 a = x[pair & 0xffffu], b = x[pair >> 16];
    return make_float2(a.x * b.x, a.y * b.y);
}

template <bool ACCELERATED>
__device__ __forceinline__ void first_layer(
    float* weights, float* velocity, float* eta, const float* images, const uint4* pairs, int pixels, int crosses,
    const int* order, const int* step, int steps, const Rule* rules, int layers, const float* delta, float* field)
{
    extern __shared__ float2 x[];
    int unit = blockIdx.x, replica = blockIdx.y, place = replica * gridDim.x + unit, t = step[replica];
    const int* seen = order + (size_t)replica * steps;
    const float* before = images + (size_t)seen[max(t - 1, 0)] * pixels;
    const float* now = images + (size_t)seen[min(t, steps - 1)] * pixels;
    for (int i = threadIdx.x; i < pixels; i += blockDim.x) x[i] = make_float2(before[i], now[i]);
    __syncthreads();

    const Rule rule = rules[replica * layers];
    const bool learn = t > 0;
    const float own_delta = learn ? delta[place] : 0.0f;
    const size_t row = (size_t)place * (pixels + crosses);
    float4 *w = (float4*)(weights + row), *v = (float4*)(velocity + row), *e = ACCELERATED ? (float4*)(eta + row) : w;
    float sum[1] = {0.0f};
    for (int k = threadIdx.x; k < pixels / 4; k += blockDim.x) {
        const float2 phi[4] = {x[4 * k], x[4 * k + 1], x[4 * k + 2], x[4 * k + 3]};
        sum[0] += advance<ACCELERATED>(rule, learn, own_delta, w, v, e, k, phi);
    }
    const uint4* own_pairs = pairs + (size_t)unit * (crosses / 4);
    for (int k = threadIdx.x; k < crosses / 4; k += blockDim.x) {
        const uint4 pair = own_pairs[k];
        const float2 phi[4] = {cross(x, pair.x), cross(x, pair.y), cross(x, pair.z), cross(x, pair.w)};
        sum[0] += advance<ACCELERATED>(rule, learn, own_delta, w, v, e, pixels / 4 + k, phi);
    }
    const float total = block_sum(sum);
    if (threadIdx.x == 0) field[place] = total;
}

extern "C" __global__ void __launch_bounds__(256) first_layer_momentum(
    float* weights, float* velocity, float* eta, const float* images, const uint4* pairs, int pixels, int crosses,
    const int* order, const int* step, int steps, const Rule* rules, int layers, const float* delta, float* field)
{
    first_layer<false>(weights, velocity, eta, images, pairs, pixels, crosses, order, step, steps, rules, layers, delta, field);
}

extern "C" __global__ void __launch_bounds__(256) first_layer_accelerated(
    float* weights, float* velocity, float* eta, const float* images, const uint4* pairs, int pixels, int crosses,
    const int* order, const int* step, int steps, const Rule* rules, int layers, const float* delta, float* field)
{
    first_layer<true>(weights, velocity, eta, images, pairs, pixels, crosses, order, step, steps, rules, layers, delta, field);
}
