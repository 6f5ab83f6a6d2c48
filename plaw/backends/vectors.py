"""Two vector instruction sequences that numba cannot be brought to emit by itself, written in LLVM's intermediate representation."""

from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

BLOCK = 64  # elements of a row: eight AVX2 or four AVX-512 registers of float32, enough to hide the latency of a multiply-add
LANES = 16 if binding.get_host_cpu_features().get("avx512f") else 8  # examples of a block: one register of float32, as many sums in registers


def _data(context, builder, signature, arguments):
    """Pointers to the elements of the arrays among the arguments, the numbers as they are."""
    pairs = zip(signature.args, arguments, strict=True)
    return [context.make_array(kind)(context, builder, value).data if isinstance(kind, types.Array) else value for kind, value in pairs]


class _Vectors:
    """A builder for vectors of one type."""

    def __init__(self, builder, element, lanes):
        self.builder, self.type = builder, ir.VectorType(element, lanes)
        self.zero = ir.Constant(self.type, None)

    def load(self, pointer, row):
        """The row-th vector of an array of vectors."""
        lanes = ir.Constant(row.type, self.type.count)
        element = self.builder.gep(pointer, [self.builder.mul(row, lanes)])
        return self.builder.load(self.builder.bitcast(element, self.type.as_pointer()), align=4)

    def store(self, vector, pointer):
        self.builder.store(vector, self.builder.bitcast(pointer, self.type.as_pointer()), align=4)

    def spread(self, number):
        """The number in every lane."""
        undefined, lanes = ir.Constant(self.type, ir.Undefined), ir.Constant(ir.VectorType(ir.IntType(32), self.type.count), None)
        single = self.builder.insert_element(undefined, number, ir.Constant(ir.IntType(32), 0))
        return self.builder.shuffle_vector(single, undefined, lanes)

    def multiply_add(self, one, other, total):
        product = self.builder.fmul(one, other, flags=("contract",))
        return self.builder.fadd(product, total, flags=("contract",))

    def shuffle(self, one, other, lanes):
        return self.builder.shuffle_vector(one, other, ir.Constant(ir.VectorType(ir.IntType(32), len(lanes)), lanes))

    def sums(self, one, other):
        """The sum over the lanes of each of two vectors, found with halves of both side by side."""
        half, lanes = self.type.count // 2, range(self.type.count)
        low, high = [*lanes[:half], *range(2 * half, 3 * half)], [*lanes[half:], *range(3 * half, 4 * half)]
        total, step = self.builder.fadd(self.shuffle(one, other, low), self.shuffle(one, other, high)), half // 2
        while step:
            total = self.builder.fadd(total, self.shuffle(total, total, [lane ^ step for lane in lanes]))
            step //= 2
        return [self.builder.extract_element(total, ir.Constant(ir.IntType(32), lane)) for lane in (0, half)]

    def variable(self):
        """A vector that loops change: a register, once LLVM has optimised."""
        return cgutils.alloca_once(self.builder, self.type)


@intrinsic
def weighted_rows(typing_context, weights, rows, begin, end, table, total):
    """total[:] = sum of weights[k] * table[rows[k]] over begin <= k < end.

    weights (n,), table (m, BLOCK) and total (BLOCK,): one floating type, contiguous; rows (n,): unsigned integers.
    """

    def generate(context, builder, signature, arguments):
        weights, rows, begin, end, table, total = _data(context, builder, signature, arguments)
        vectors = _Vectors(builder, weights.type.pointee, BLOCK)
        accumulator = vectors.variable()
        builder.store(vectors.zero, accumulator)
        with cgutils.for_range_slice(builder, begin, end, ir.Constant(begin.type, 1)) as (k, _):
            row = builder.zext(builder.load(builder.gep(rows, [k])), begin.type)
            weight = vectors.spread(builder.load(builder.gep(weights, [k])))
            builder.store(vectors.multiply_add(weight, vectors.load(table, row), builder.load(accumulator)), accumulator)
        vectors.store(builder.load(accumulator), total)
        return context.get_dummy_value()

    return types.void(weights, rows, begin, end, table, total), generate


@intrinsic
def block_pass(typing_context, w, v, starts, rows, before, after, w_change, v_change, keep, drift, mu, w_fields, v_fields, gram):
    """One pass over a unit's weights w and velocities v between two blocks of LANES examples (numba_._train_blocked).

    The features of run i, starts[i] <= k < starts[i + 1], are phi_k = table[i] * table[rows[k]], lane by lane, where `before` and
    `after`, (runs, LANES), are the tables of the two blocks. In place, with the features of the block before:

        w <- keep w + drift v + w_change . phi          v <- mu v + v_change . phi

    and then, with those of the block after: w_fields = sum_k w phi, v_fields = sum_k v phi, gram (LANES, LANES) = sum_k phi phi^T.
    """

    def generate(context, builder, signature, arguments):
        w, v, starts, rows, before, after, w_change, v_change, keep, drift, mu, w_fields, v_fields, gram = _data(
            context, builder, signature, arguments
        )
        vectors, index = _Vectors(builder, w.type.pointee, LANES), starts.type.pointee
        zero, one, count = ir.Constant(index, 0), ir.Constant(index, 1), builder.extract_value(arguments[2], 2)  # the length of starts
        sums = [vectors.variable() for _ in range(2 + LANES)]  # over a run: of w table[j], of v table[j], of table[j] table[j]^T

        def number(pointer, position):
            return builder.load(builder.gep(pointer, [position]))

        def add(pointer, lane, factor, vector):
            """pointer[lane] += factor * vector."""
            position = builder.gep(pointer, [ir.Constant(index, lane * LANES)])
            vectors.store(vectors.multiply_add(factor, vector, vectors.load(position, zero)), position)

        for pointer, lanes in ((w_fields, 1), (v_fields, 1), (gram, LANES)):
            for lane in range(lanes):
                vectors.store(vectors.zero, builder.gep(pointer, [ir.Constant(index, lane * LANES)]))
        with cgutils.for_range_slice(builder, zero, builder.sub(count, one), one) as (run, _):
            common_before, common_after = vectors.load(before, run), vectors.load(after, run)
            w_common = builder.fmul(vectors.load(w_change, zero), common_before)
            v_common = builder.fmul(vectors.load(v_change, zero), common_before)
            for total in sums:
                builder.store(vectors.zero, total)
            with cgutils.for_range_slice(builder, number(starts, run), number(starts, builder.add(run, one)), one) as (k, _):
                row = builder.zext(number(rows, k), index)
                x_before, x_after = vectors.load(before, row), vectors.load(after, row)
                w_gain, v_gain = vectors.sums(builder.fmul(w_common, x_before), builder.fmul(v_common, x_before))
                old, velocity = number(w, k), number(v, k)
                moved = builder.fadd(builder.fmul(keep, old), builder.fmul(drift, velocity), flags=("contract",))
                new, velocity = builder.fadd(moved, w_gain), builder.fadd(builder.fmul(mu, velocity), v_gain)
                builder.store(new, builder.gep(w, [k]))
                builder.store(velocity, builder.gep(v, [k]))
                first = builder.mul(row, ir.Constant(index, LANES))
                lanes = [number(after, builder.add(first, ir.Constant(index, lane))) for lane in range(LANES)]
                for total, factor in zip(sums, [new, velocity, *lanes], strict=True):
                    builder.store(vectors.multiply_add(vectors.spread(factor), x_after, builder.load(total)), total)
            add(w_fields, 0, common_after, builder.load(sums[0]))
            add(v_fields, 0, common_after, builder.load(sums[1]))
            first = builder.mul(run, ir.Constant(index, LANES))
            for lane, total in enumerate(sums[2:]):
                factor = vectors.spread(number(after, builder.add(first, ir.Constant(index, lane))))
                add(gram, lane, builder.fmul(factor, common_after), builder.load(total))
        return context.get_dummy_value()

    arguments = (w, v, starts, rows, before, after, w_change, v_change, keep, drift, mu, w_fields, v_fields, gram)
    return types.void(*arguments), generate
