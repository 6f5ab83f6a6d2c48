// The first layer of the dual engine (plaw.engine.dual): as first_layer.cu, with the coefficients of the n examples in the place of the weights,
//
//     velocity <- mu velocity,  velocity[before] -= eta delta_u,  position <- decay_factor position + velocity
//     h_u = scale start[now, u] + position . gram[now, u]
//
// Grid (unit, replica), one block a row of n coefficients; neighbouring threads read neighbouring floats of the position, the velocity
// and one row of the Gram matrix, which replicas that look at the same example share through the L2 cache.
// A step moves 16 bytes a coefficient and replica, and 4 bytes of gram; it does 7 operations a coefficient.
//
// position, velocity: (replicas, units, n); gram: (n, units, n); start: (replicas, n, units); scale, step: (replicas,), both brought
// up to date by the kernel of upper_layers.cu; the rest as in first_layer.cu.

extern "C" __global__ void __launch_bounds__(256) first_layer_dual(
    float* position, float* velocity, const float* gram, const float* start, const float* scale, int examples,
    const int* order, const int* step, int steps, const Rule* rules, int layers, const float* delta, float* field)
{
    int unit = blockIdx.x, units = gridDim.x, replica = blockIdx.y, place = replica * units + unit, t = step[replica];
    const int* seen = order + (size_t)replica * steps;
    const int before = seen[max(t - 1, 0)], now = seen[min(t, steps - 1)];

    const Rule rule = rules[replica * layers];
    const bool learn = t > 0;
    const float own_delta = learn ? delta[place] : 0.0f;
    const float* products = gram + ((size_t)now * units + unit) * examples;
    float *p = position + (size_t)place * examples, *v = velocity + (size_t)place * examples;
    float sum[1] = {0.0f};
    for (int m = threadIdx.x; m < examples; m += blockDim.x) {
        if (learn) update_at<false>(rule, rule.decay_factor, m == before ? own_delta : 0.0f, p, v, nullptr, m);
        sum[0] += p[m] * products[m];
    }
    const float total = block_sum(sum);
    if (threadIdx.x == 0) field[place] = total + scale[replica] * start[((size_t)replica * examples + now) * units + unit];
}
