"""Instruction sequences that numba cannot be brought to emit by itself, written in LLVM's intermediate representation.

They are compiled into the functions of loops.py. numba's cache of those looks at that file alone: `touch` it after a
change here.
"""

from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

WIDE = bool(binding.get_host_cpu_features().get("avx512f"))
LANES = 16 if WIDE else 8  # examples of a block in training: one register of float32, as many sums in registers
# Examples of a block in evaluation: eight AVX2 or four AVX-512 registers, enough to hide the latency of a multiply-add.
BLOCK = 64
TOGETHER = 4 if WIDE else 1  # replicas whose sums for a block fit into the registers side by side
X86 = binding.get_default_triple().split("-")[0] in ("x86_64", "i686")
FLUSH = 0x8040  # of the control register: denormal results, and denormal operands, are zero


def _data(context, builder, signature, arguments):
    """Pointers to the elements of the arrays among the arguments, the numbers as they are."""
    pairs = zip(signature.args, arguments, strict=True)
    return [
        context.make_array(kind)(context, builder, value).data if isinstance(kind, types.Array) else value
        for kind, value in pairs
    ]


class _Vectors:
    """A builder for vectors of one type."""

    def __init__(self, builder, element, lanes):
        self.builder, self.type = builder, ir.VectorType(element, lanes)
        self.zero = ir.Constant(self.type, None)

    def number(self, pointer, position):
        """The number at that position of an array."""
        return self.builder.load(self.builder.gep(pointer, [position]))

    def load(self, pointer, row):
        """The row-th vector of an array of vectors."""
        lanes = ir.Constant(row.type, self.type.count)
        element = self.builder.gep(pointer, [self.builder.mul(row, lanes)])
        return self.builder.load(self.builder.bitcast(element, self.type.as_pointer()), align=4)

    def store(self, vector, pointer):
        self.builder.store(vector, self.builder.bitcast(pointer, self.type.as_pointer()), align=4)

    def spread(self, number):
        """The number in every lane."""
        undefined, lanes = (
            ir.Constant(self.type, ir.Undefined),
            ir.Constant(ir.VectorType(ir.IntType(32), self.type.count), None),
        )
        single = self.builder.insert_element(undefined, number, ir.Constant(ir.IntType(32), 0))
        return self.builder.shuffle_vector(single, undefined, lanes)

    def multiply_add(self, first, second, total):
        product = self.builder.fmul(first, second, flags=("contract",))
        return self.builder.fadd(product, total, flags=("contract",))

    def shuffle(self, first, second, lanes):
        return self.builder.shuffle_vector(first, second, ir.Constant(ir.VectorType(ir.IntType(32), len(lanes)), lanes))

    def sums(self, first, second):
        """The sum over the lanes of each of two vectors, found with halves of both side by side."""
        half, lanes = self.type.count // 2, range(self.type.count)
        low, high = [*lanes[:half], *range(2 * half, 3 * half)], [*lanes[half:], *range(3 * half, 4 * half)]
        total, step = self.builder.fadd(self.shuffle(first, second, low), self.shuffle(first, second, high)), half // 2
        while step:
            total = self.builder.fadd(total, self.shuffle(total, total, [lane ^ step for lane in lanes]))
            step //= 2
        return [self.builder.extract_element(total, ir.Constant(ir.IntType(32), lane)) for lane in (0, half)]

    def variable(self):
        """A vector that loops change: a register, once LLVM has optimised."""
        return cgutils.alloca_once(self.builder, self.type)


@intrinsic
def flush_denormals(typing_context):
    """Let this thread take denormal numbers for zero from now on; returns the mode there was, for restore_mode.

    A velocity that nothing feeds decays into denormal numbers, with which x86 processors calculate a hundred times
    slower. Others do not mind: there it does nothing.
    """

    def generate(context, builder, signature, arguments):
        mode = cgutils.alloca_once(builder, ir.IntType(32))
        builder.store(ir.Constant(ir.IntType(32), 0), mode)
        _control_register(builder, "llvm.x86.sse.stmxcsr", mode)
        before = builder.load(mode)
        builder.store(builder.or_(before, ir.Constant(ir.IntType(32), FLUSH)), mode)
        _control_register(builder, "llvm.x86.sse.ldmxcsr", mode)
        return before

    return types.uint32(), generate


@intrinsic
def restore_mode(typing_context, mode):
    """Undo flush_denormals, which returned `mode`."""

    def generate(context, builder, signature, arguments):
        _control_register(builder, "llvm.x86.sse.ldmxcsr", cgutils.alloca_once_value(builder, arguments[0]))
        return context.get_dummy_value()

    return types.void(mode), generate


def _control_register(builder, instruction, place):
    """Load or store x86's control register of floating-point arithmetic."""
    if X86:
        pointer = ir.IntType(8).as_pointer()
        builder.call(
            builder.module.declare_intrinsic(instruction, fnty=ir.FunctionType(ir.VoidType(), [pointer])),
            [builder.bitcast(place, pointer)],
        )


def _add_products(replicas):
    """The instruction sequence below for that many replicas at once: a row is read once for all of them."""

    @intrinsic
    def add_products(typing_context, weights, stride, starts, rows, table, total):
        """total[r] += sum_i table[i] sum_k weights[r * stride + k] table[rows[k]], k from starts[i] to starts[i + 1].

        weights: the first replica's (n,), the others' every `stride` elements from there; table (m, BLOCK) and total
        (replicas, BLOCK): one floating type, contiguous; rows (n,): unsigned integers; starts (m + 1,).
        """

        def generate(context, builder, signature, arguments):
            weights, stride, starts, rows, table, total = _data(context, builder, signature, arguments)
            vectors, index = _Vectors(builder, weights.type.pointee, BLOCK), starts.type.pointee
            zero, one, count = (
                ir.Constant(index, 0),
                ir.Constant(index, 1),
                builder.extract_value(arguments[2], 2),
            )  # the length of starts
            sums = [vectors.variable() for _ in range(replicas)]
            own = [builder.gep(weights, [builder.mul(stride, ir.Constant(stride.type, r))]) for r in range(replicas)]
            with cgutils.for_range_slice(builder, zero, builder.sub(count, one), one) as (i, _):
                begin, end = (vectors.number(starts, at) for at in (i, builder.add(i, one)))
                for sum_ in sums:
                    builder.store(vectors.zero, sum_)
                with cgutils.for_range_slice(builder, begin, end, one) as (k, _):
                    x = vectors.load(table, builder.zext(vectors.number(rows, k), index))
                    for sum_, w in zip(sums, own, strict=True):
                        weight = vectors.spread(vectors.number(w, k))
                        builder.store(vectors.multiply_add(weight, x, builder.load(sum_)), sum_)
                x = vectors.load(table, i)
                for r, sum_ in enumerate(sums):
                    place = builder.gep(total, [ir.Constant(index, r * BLOCK)])
                    vectors.store(vectors.multiply_add(x, builder.load(sum_), vectors.load(place, zero)), place)
            return context.get_dummy_value()

        return types.void(weights, stride, starts, rows, table, total), generate

    return add_products


add_products, add_products_together = _add_products(1), _add_products(TOGETHER)


@intrinsic
def block_pass(
    typing_context,
    w,
    v,
    starts,
    rows,
    before,
    after,
    w_change,
    v_change,
    decay_factor,
    drift,
    mu,
    w_fields,
    v_fields,
    gram,
):
    """One pass over a unit's weights w and velocities v between two blocks of LANES examples (loops.train_blocked).

    The features of run i, starts[i] <= k < starts[i + 1], are phi_k = table[i] * table[rows[k]], lane by lane, where
    `before` and `after`, (runs, LANES), are the tables of the two blocks. In place, with the features of the block
    before:

        w <- decay_factor w + drift v + w_change . phi          v <- mu v + v_change . phi

    and then, with those of the block after: w_fields = sum_k w phi, v_fields = sum_k v phi, gram (LANES, LANES) = sum_k
    phi phi^T.
    """

    def generate(context, builder, signature, arguments):
        w, v, starts, rows, before, after, w_change, v_change, decay_factor, drift, mu, w_fields, v_fields, gram = (
            _data(context, builder, signature, arguments)
        )
        vectors, index = _Vectors(builder, w.type.pointee, LANES), starts.type.pointee
        zero, one, count = (
            ir.Constant(index, 0),
            ir.Constant(index, 1),
            builder.extract_value(arguments[2], 2),
        )  # the length of starts
        sums = [
            vectors.variable() for _ in range(2 + LANES)
        ]  # over a run: of w table[j], of v table[j], of table[j] table[j]^T

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
            with cgutils.for_range_slice(
                builder, vectors.number(starts, run), vectors.number(starts, builder.add(run, one)), one
            ) as (k, _):
                row = builder.zext(vectors.number(rows, k), index)
                x_before, x_after = vectors.load(before, row), vectors.load(after, row)
                w_gain, v_gain = vectors.sums(builder.fmul(w_common, x_before), builder.fmul(v_common, x_before))
                old, velocity = vectors.number(w, k), vectors.number(v, k)
                moved = builder.fadd(
                    builder.fmul(decay_factor, old), builder.fmul(drift, velocity), flags=("contract",)
                )
                new, velocity = builder.fadd(moved, w_gain), builder.fadd(builder.fmul(mu, velocity), v_gain)
                builder.store(new, builder.gep(w, [k]))
                builder.store(velocity, builder.gep(v, [k]))
                first = builder.mul(row, ir.Constant(index, LANES))
                lanes = [vectors.number(after, builder.add(first, ir.Constant(index, lane))) for lane in range(LANES)]
                for total, factor in zip(sums, [new, velocity, *lanes], strict=True):
                    builder.store(vectors.multiply_add(vectors.spread(factor), x_after, builder.load(total)), total)
            add(w_fields, 0, common_after, builder.load(sums[0]))
            add(v_fields, 0, common_after, builder.load(sums[1]))
            first = builder.mul(run, ir.Constant(index, LANES))
            for lane, total in enumerate(sums[2:]):
                factor = vectors.spread(vectors.number(after, builder.add(first, ir.Constant(index, lane))))
                add(gram, lane, builder.fmul(factor, common_after), builder.load(total))
        return context.get_dummy_value()

    arguments = (
        w,
        v,
        starts,
        rows,
        before,
        after,
        w_change,
        v_change,
        decay_factor,
        drift,
        mu,
        w_fields,
        v_fields,
        gram,
    )
    return types.void(*arguments), generate
