using System.Runtime.InteropServices;

/// <summary>Work as it comes in real life: it mostly does what it should, and then it crashes, hangs, leaks or throws.</summary>
public static class Unruly
{
    private static readonly List<byte[]> s_leak = [];

    public static string Work(int n)
    {
        switch (n % 100)
        {
            case 13: Marshal.FreeHGlobal(n); break;                          // a native crash: the process is gone
            case 37: while (true) { }                                        // a hang that looks at no token
            case 58: throw new InvalidDataException($"{n} is not for me");
            case 79: s_leak.Add(GC.AllocateUninitializedArray<byte>(64 << 20)); Touch(s_leak[^1]); break;
        }

        return $"{n} is done";
    }

    // Memory counts once it is written to.
    private static void Touch(byte[] memory)
    {
        for (int i = 0; i < memory.Length; i += 4096) memory[i] = 1;
    }
}
