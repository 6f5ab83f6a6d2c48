// What trained networks answer: the first layer's fields, W_u . phi_u, and from them the outputs. Nothing learns.
//
// first_fields: grid (block of EXAMPLES examples, unit, replica). A weight and its pair are read once for EXAMPLES examples, whose
// pixels lie side by side in shared memory, so that a thread gathers a pixel of all of them with two 16-byte loads. The blocks of one
// row of weights follow each other and find it in a cache. A cross costs 3 operations an example; 8 bytes of weight and pair
// serve EXAMPLES examples, for which 64 bytes come out of shared memory: here shared memory sets the pace.
//
// answers: grid (example, replica), the forward part of upper_layers.cu with the running means as they are.
//
// weights: (replicas, units, pixels + crosses); images: (n, pixels); field: (replicas, n, units); outputs: (replicas, n, outputs).

constexpr int EXAMPLES = 8;

__device__ __forceinline__ void accumulate(float (&sums)[EXAMPLES], float w, float4 a, float4 b)
{
    sums[0] += w * a.x;
    sums[1] += w * a.y;
    sums[2] += w * a.z;
    sums[3] += w * a.w;
    sums[4] += w * b.x;
    sums[5] += w * b.y;
    sums[6] += w * b.z;
    sums[7] += w * b.w;
}

__device__ __forceinline__ float4 product(float4 a, float4 b)
{
    return make_float4(a.x * b.x, a.y * b.y, a.z * b.z, a.w * b.w);
}

__device__ __forceinline__ void accumulate_cross(float (&sums)[EXAMPLES], float w, const float4* tile, unsigned pair)
{
    const float4 *i = tile + 2 * (pair & 0xffffu), *j = tile + 2 * (pair >> 16);
    accumulate(sums, w, product(i[0], j[0]), product(i[1], j[1]));
}

extern "C" __global__ void __launch_bounds__(256) first_fields(
    const float* weights, const float* images, const uint4* pairs, int pixels, int crosses, int n, float* field)
{
    extern __shared__ float4 tile[];  // tile[2 i], tile[2 i + 1]: pixel i of the eight examples
    const int begin = blockIdx.x * EXAMPLES, unit = blockIdx.y, units = gridDim.y, replica = blockIdx.z;
    for (int k = threadIdx.x; k < EXAMPLES * pixels; k += blockDim.x) {
        const int m = k / pixels, i = k % pixels;
        ((float*)tile)[EXAMPLES * i + m] = begin + m < n ? images[(size_t)(begin + m) * pixels + i] : 0.0f;
    }
    __syncthreads();

    const float* row = weights + ((size_t)replica * units + unit) * (pixels + crosses);
    float sums[EXAMPLES] = {};
    for (int i = threadIdx.x; i < pixels; i += blockDim.x) accumulate(sums, row[i], tile[2 * i], tile[2 * i + 1]);
    const float4* w = (const float4*)(row + pixels);
    const uint4* own_pairs = pairs + (size_t)unit * (crosses / 4);
    for (int k = threadIdx.x; k < crosses / 4; k += blockDim.x) {
        const float4 four = w[k];
        const uint4 pair = own_pairs[k];
        accumulate_cross(sums, four.x, tile, pair.x);
        accumulate_cross(sums, four.y, tile, pair.y);
        accumulate_cross(sums, four.z, tile, pair.z);
        accumulate_cross(sums, four.w, tile, pair.w);
    }
    const float total = block_sum(sums);
    const int example = begin + threadIdx.x;
    if (threadIdx.x < EXAMPLES && example < n) field[((size_t)replica * n + example) * units + unit] = total;
}

extern "C" __global__ void __launch_bounds__(128) answers(
    const int* sizes, int layers, int units, int count, const float* field, const float* parameters, double* mean, const Rule* rules, float* outputs)
{
    extern __shared__ float activations[];
    const int example = blockIdx.x, n = gridDim.x, replica = blockIdx.y, last = sizes[layers - 1], hidden = units - last;
    const size_t place = (size_t)replica * n + example;
    forward<false>(
        sizes, layers, field + place * sizes[0], parameters + (size_t)replica * count, mean + (size_t)replica * hidden, 1.0,
        rules + replica * layers, activations);
    for (int u = threadIdx.x; u < last; u += blockDim.x) outputs[place * last + u] = activations[hidden + u];
}
