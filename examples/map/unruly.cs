using System.Runtime.InteropServices;

/// <summary>Realistic work: it usually succeeds, but sometimes crashes, hangs, leaks memory or throws.</summary>
public static class Unruly
{
    private static readonly List<byte[]> s_leak = [];

    public static string Work(int n)
    {
        switch (n % 100)
        {
            case 13: Marshal.FreeHGlobal(n); break;                          // a native crash, which kills the process
            case 37: while (true) { }                                        // a hang that ignores cancellation
            case 58: throw new InvalidDataException($"{n} is not for me");
            case 79: s_leak.Add(GC.AllocateUninitializedArray<byte>(64 << 20)); Touch(s_leak[^1]); break;
        }

        return $"{n} is done";
    }

    // Memory is committed when it is written to.
    private static void Touch(byte[] memory)
    {
        for (int i = 0; i < memory.Length; i += 4096) memory[i] = 1;
    }
}
