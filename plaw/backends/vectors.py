"""One vector instruction sequence that numba cannot be brought to emit by itself: sums of weighted rows held in registers."""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

BLOCK = 64  # elements of a row: eight AVX2 or four AVX-512 registers of float32, enough to hide the latency of a multiply-add


@intrinsic
def weighted_rows(typing_context, weights, rows, begin, end, table, total):
    """total[:] = sum of weights[k] * table[rows[k]] over begin <= k < end.

    weights (n,), table (m, BLOCK) and total (BLOCK,): one floating type, contiguous; rows (n,): unsigned integers.
    """

    def generate(context, builder, signature, arguments):
        def data(position):
            return context.make_array(signature.args[position])(context, builder, arguments[position]).data

        def constant(value):
            return ir.Constant(begin.type, value)

        weights, rows, table, total = (data(position) for position in (0, 1, 4, 5))
        begin, end = arguments[2:4]
        vector, alignment = ir.VectorType(weights.type.pointee, BLOCK), 4
        undefined, lanes = ir.Constant(vector, ir.Undefined), ir.Constant(ir.VectorType(ir.IntType(32), BLOCK), None)
        accumulator = cgutils.alloca_once(builder, vector)
        builder.store(ir.Constant(vector, None), accumulator)
        with cgutils.for_range_slice(builder, begin, end, constant(1)) as (k, _):
            row = builder.zext(builder.load(builder.gep(rows, [k])), begin.type)
            pointer = builder.gep(table, [builder.mul(row, constant(BLOCK))])
            values = builder.load(builder.bitcast(pointer, vector.as_pointer()), align=alignment)
            single = builder.insert_element(undefined, builder.load(builder.gep(weights, [k])), ir.Constant(ir.IntType(32), 0))
            product = builder.fmul(builder.shuffle_vector(single, undefined, lanes), values, flags=("contract",))
            builder.store(builder.fadd(builder.load(accumulator), product, flags=("contract",)), accumulator)
        builder.store(builder.load(accumulator), builder.bitcast(total, vector.as_pointer()), align=alignment)
        return context.get_dummy_value()

    return types.void(weights, rows, begin, end, table, total), generate
