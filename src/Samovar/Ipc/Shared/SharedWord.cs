using System.Runtime.CompilerServices;

namespace Samovar.Ipc.Shared;

/// <summary>Atomic operations on 4 or 8 bytes in shared memory, ordered like those of <see cref="Volatile"/> and <see cref="Interlocked"/>. The owner
/// keeps the memory mapped.</summary>
internal static unsafe class SharedWord<T>
    where T : unmanaged
{
    private static bool Is32 => Unsafe.SizeOf<T>() == sizeof(int);

    /// <summary>Checks that the processor can change a value of this size atomically.</summary>
    /// <param name="otherwise">What to do instead, as a sentence.</param>
    /// <exception cref="NotSupportedException">The processor cannot.</exception>
    public static void Check(string otherwise)
    {
        if (Unsafe.SizeOf<T>() is not (sizeof(int) or sizeof(long)))
            throw new NotSupportedException($"{typeof(T)} has {Unsafe.SizeOf<T>()} bytes; only 4 or 8 bytes can be changed atomically. {otherwise}");
    }

    public static T Read(void* place) => Is32 ? From32(Volatile.Read(ref *(int*)place)) : From64(Volatile.Read(ref *(long*)place)); // SYNC: shared value

    public static void Write(void* place, T value)
    {
        if (Is32) Volatile.Write(ref *(int*)place, To32(value)); // SYNC: shared value
        else Volatile.Write(ref *(long*)place, To64(value)); // SYNC: shared value
    }

    public static T Add(void* place, T amount)
    {
        if (typeof(T) == typeof(int) || typeof(T) == typeof(uint)) return From32(Interlocked.Add(ref *(int*)place, To32(amount)));
        if (typeof(T) == typeof(long) || typeof(T) == typeof(ulong)) return From64(Interlocked.Add(ref *(long*)place, To64(amount)));
        return Update(place, amount, SharedArithmetic<T>.Add);
    }

    public static T Exchange(void* place, T value) => Is32
        ? From32(Interlocked.Exchange(ref *(int*)place, To32(value)))
        : From64(Interlocked.Exchange(ref *(long*)place, To64(value)));

    public static T CompareExchange(void* place, T value, T comparand) => Is32
        ? From32(Interlocked.CompareExchange(ref *(int*)place, To32(value), To32(comparand)))
        : From64(Interlocked.CompareExchange(ref *(long*)place, To64(value), To64(comparand)));

    public static T Update<TArgument>(void* place, TArgument argument, Func<T, TArgument, T> change)
    {
        while (true)
        {
            T old = Read(place);
            T changed = change(old, argument);
            T found = CompareExchange(place, changed, old);
            if (Is32 ? To32(found) == To32(old) : To64(found) == To64(old)) return changed;
        }
    }

    public static long Widen(T value) => Is32 ? To32(value) : To64(value);

    private static int To32(T value) => Unsafe.As<T, int>(ref value);

    private static long To64(T value) => Unsafe.As<T, long>(ref value);

    private static T From32(int word) => Unsafe.As<int, T>(ref word);

    private static T From64(long word) => Unsafe.As<long, T>(ref word);
}
