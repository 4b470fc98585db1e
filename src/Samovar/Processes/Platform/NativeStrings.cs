using System.Runtime.InteropServices;

namespace Samovar.Processes.Platform;

/// <summary>Null-terminated UTF-8 strings outside the managed heap, freed together.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly List<nint> _blocks = [];

    public byte* Add(string text)
    {
        byte* block = (byte*)Marshal.StringToCoTaskMemUTF8(text);
        _blocks.Add((nint)block);
        return block;
    }

    /// <summary>Adds a null-terminated array of strings.</summary>
    public byte** AddArray(IReadOnlyList<string> texts)
    {
        var array = (byte**)Marshal.AllocCoTaskMem((texts.Count + 1) * sizeof(byte*));
        _blocks.Add((nint)array);
        for (int i = 0; i < texts.Count; i++) array[i] = Add(texts[i]);
        array[texts.Count] = null;
        return array;
    }

    public void Dispose()
    {
        foreach (nint block in _blocks) Marshal.FreeCoTaskMem(block);
        _blocks.Clear();
    }
}
