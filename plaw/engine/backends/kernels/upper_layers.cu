// Everything of a step but the first layer's weights: its biases, running means and activations, and all layers after it, forward,
// backward and updated. With a_l the activations of hidden layer l, and <h> the running mean of the field, this example included,
//
//     h_1 = field + b_1,  h_l = W_l a_(l-1) + b_l        a_l = sigmoid(gain (h_l - subtract <h_l>)),  output: a = sigmoid(h)
//     delta_out = a - y,  delta_l = gain a_l (1 - a_l) (W_(l+1)^T delta_(l+1))        g_W = delta a^T,  g_b = delta
//
// Grid (replica): one block does it all, and barriers stand between the layers. Weights are read from global memory (they stay in the
// L2 cache), activations and deltas live in shared memory. For 100 -> 100 -> 10 a step and replica reads its 11,000 weights forward
// and backward and updates them, some 260 kB with momentum, and does 120,000 operations: little beside the first layer, so that latency
// sets the pace, and a block of many threads hides some of it.
//
// sizes: (layers,), units of each layer, the output layer included. parameters, velocity, eta: (replicas, count), each row being
// b_1, W_2, b_2, W_3, b_3, ... mean: float64 (replicas, hidden units of all layers); seen, step, scale: (replicas,), counted up here;
// labels: (n,); field, delta: (replicas, units of the first layer); the rest as in first_layer.cu.

// W a + b and the activations of every layer, into a: (units of all layers), in shared memory. TRAIN: the running means move.
template <bool TRAIN>
__device__ float activation(float h, double* mean, double seen, const Rule& rule)
{
    const double before = *mean;
    if (TRAIN) *mean += (h - *mean) / seen;
    return sigmoid((float)(rule.gain * (h - rule.subtract * (TRAIN && rule.before != 0.0f ? before : *mean))));
}

// The output layer's fields, in place, to answers that sum to 1.
__device__ void softmax(float* h, int outputs)
{
    __syncthreads();
    float largest = h[0], total = 0.0f;
    for (int u = 1; u < outputs; ++u) largest = fmaxf(largest, h[u]);
    for (int u = 0; u < outputs; ++u) total += expf(h[u] - largest);
    __syncthreads();
    for (int u = threadIdx.x; u < outputs; u += blockDim.x) h[u] = expf(h[u] - largest) / total;
}

template <bool TRAIN>
__device__ void forward(
    const int* sizes, int layers, const float* field, const float* parameters, double* mean, double seen, const Rule* rules, float* a)
{
    const int warp = threadIdx.x / 32, warps = blockDim.x / 32, lane = threadIdx.x % 32;
    const bool sums_to_1 = rules[layers - 1].softmax != 0.0f;
    for (int u = threadIdx.x; u < sizes[0]; u += blockDim.x)
        a[u] = activation<TRAIN>(field[u] + parameters[u], mean + u, seen, rules[0]);
    const float* weights = parameters + sizes[0];
    for (int layer = 1; layer < layers; ++layer) {
        const int units = sizes[layer], fan_in = sizes[layer - 1];
        const float *below = a, *bias = weights + units * fan_in;
        a += fan_in;
        mean += fan_in;
        __syncthreads();
        for (int u = warp; u < units; u += warps) {
            float h = 0.0f;
            for (int p = lane; p < fan_in; p += 32) h += weights[u * fan_in + p] * below[p];
            h = warp_sum(h) + bias[u];
            if (lane == 0) a[u] = layer + 1 < layers ? activation<TRAIN>(h, mean + u, seen, rules[layer]) : sums_to_1 ? h : sigmoid(h);
        }
        weights = bias + units;
    }
    if (sums_to_1) softmax(a, sizes[layers - 1]);
    __syncthreads();
}

// below = W^T above: a thread takes one column and every so-manieth row; partial (one float a thread) collects the sums.
__device__ void transposed_product(const float* weights, const float* above, int units, int fan_in, float* partial, float* below)
{
    const int columns = min((fan_in + 31) / 32 * 32, (int)blockDim.x), slices = blockDim.x / columns;
    const int column = threadIdx.x % columns, slice = threadIdx.x / columns;
    for (int begin = 0; begin < fan_in; begin += columns) {
        const int p = begin + column;
        float sum = 0.0f;
        if (slice < slices && p < fan_in)
            for (int u = slice; u < units; u += slices) sum += weights[u * fan_in + p] * above[u];
        partial[threadIdx.x] = sum;
        __syncthreads();
        if (slice == 0 && p < fan_in) {
            for (int other = 1; other < slices; ++other) sum += partial[other * columns + column];
            below[p] = sum;  // by thread p (modulo blockDim.x), the one that scales it afterwards
        }
    }
}

template <bool ACCELERATED>
__device__ void upper_layers(
    const int* sizes, int layers, int units, int widest, int count, const float* field, const int* labels, const int* order, int* step,
    int steps, float* parameters, float* velocity, float* eta, double* mean, long long* seen, float* scale, const Rule* rules, float* delta)
{
    extern __shared__ float a[];  // activations of all layers (units); two rows of deltas (widest each); one float a thread
    const int replica = blockIdx.x, t = step[replica], label = labels[order[(size_t)replica * steps + t]];
    const int outputs = sizes[layers - 1], hidden = units - outputs;
    float *above = a + units, *below = above + widest, *partial = below + widest;
    float *w = parameters + (size_t)replica * count, *v = velocity + (size_t)replica * count;
    float* e = ACCELERATED ? eta + (size_t)replica * count : v;
    rules += replica * layers;
    forward<true>(sizes, layers, field + (size_t)replica * sizes[0], w, mean + (size_t)replica * hidden, (double)(seen[replica] + 1), rules, a);

    for (int u = threadIdx.x; u < outputs; u += blockDim.x) above[u] = a[hidden + u] - (u == label ? 1.0f : 0.0f);
    __syncthreads();
    int offset = count, layer_begin = hidden;
    for (int layer = layers - 1; layer > 0; --layer) {
        const int rows = sizes[layer], fan_in = sizes[layer - 1];
        const Rule rule = rules[layer];
        offset -= rows;
        for (int u = threadIdx.x; u < rows; u += blockDim.x) update_at<ACCELERATED>(rule, 1.0f, above[u], w, v, e, offset + u);
        offset -= rows * fan_in;
        layer_begin -= fan_in;
        transposed_product(w + offset, above, rows, fan_in, partial, below);
        const float* active = a + layer_begin;
        for (int k = threadIdx.x; k < rows * fan_in; k += blockDim.x)
            update_at<ACCELERATED>(rule, rule.decay_factor, above[k / fan_in] * active[k % fan_in], w, v, e, offset + k);
        for (int p = threadIdx.x; p < fan_in; p += blockDim.x) below[p] *= rules[layer - 1].gain * active[p] * (1.0f - active[p]);
        __syncthreads();
        float* spent = above;
        above = below;
        below = spent;
    }
    for (int u = threadIdx.x; u < sizes[0]; u += blockDim.x) {
        update_at<ACCELERATED>(rules[0], 1.0f, above[u], w, v, e, u);
        delta[(size_t)replica * sizes[0] + u] = above[u];
    }
    if (threadIdx.x == 0) {
        step[replica] = t + 1;
        seen[replica] += 1;
        scale[replica] *= rules[0].decay_factor;
    }
}

extern "C" __global__ void __launch_bounds__(512) upper_layers_momentum(
    const int* sizes, int layers, int units, int widest, int count, const float* field, const int* labels, const int* order, int* step,
    int steps, float* parameters, float* velocity, float* eta, double* mean, long long* seen, float* scale, const Rule* rules, float* delta)
{
    upper_layers<false>(sizes, layers, units, widest, count, field, labels, order, step, steps, parameters, velocity, eta, mean, seen, scale, rules, delta);
}

extern "C" __global__ void __launch_bounds__(512) upper_layers_accelerated(
    const int* sizes, int layers, int units, int widest, int count, const float* field, const int* labels, const int* order, int* step,
    int steps, float* parameters, float* velocity, float* eta, double* mean, long long* seen, float* scale, const Rule* rules, float* delta)
{
    upper_layers<true>(sizes, layers, units, widest, count, field, labels, order, step, steps, parameters, velocity, eta, mean, seen, scale, rules, delta);
}
