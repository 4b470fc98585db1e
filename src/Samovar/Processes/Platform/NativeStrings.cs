using System.Runtime.InteropServices;

namespace Samovar.Processes.Platform;

/// <summary>Null-terminated UTF-8 strings outside the managed heap, freed together.</summary>
/// <remarks>Uses no collection of numbers from the framework: its code would be compiled at run time, while the first worker starts.</remarks>
internal sealed unsafe class NativeStrings : IDisposable
{
    private nint[] _blocks = new nint[64];
    private int _count;

    public byte* Add(string text)
    {
        byte* block = (byte*)Marshal.StringToCoTaskMemUTF8(text);
        Keep((nint)block);
        return block;
    }

    /// <summary>Adds a null-terminated array of strings.</summary>
    public byte** AddArray(IReadOnlyList<string> texts)
    {
        var array = (byte**)Marshal.AllocCoTaskMem((texts.Count + 1) * sizeof(byte*));
        Keep((nint)array);
        for (int i = 0; i < texts.Count; i++) array[i] = Add(texts[i]);
        array[texts.Count] = null;
        return array;
    }

    public void Dispose()
    {
        for (int i = 0; i < _count; i++) Marshal.FreeCoTaskMem(_blocks[i]);
        _count = 0;
    }

    private void Keep(nint block)
    {
        if (_count == _blocks.Length)
        {
            nint[] larger = new nint[2 * _count];
            Array.Copy(_blocks, larger, _count);
            _blocks = larger;
        }

        _blocks[_count++] = block;
    }
}
