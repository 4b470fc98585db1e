using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Samovar.Primitives;

namespace Samovar.Loops.Inspection;

/// <summary>Finds the source line of an await. The debug symbols of an asynchronous method list its suspension points in the order of its
/// states (Portable PDB, <em>Async Method Stepping Information</em>).</summary>
[UnconditionalSuppressMessage("Trimming", "IL2070", Justification = CodeRequirements.InspectsOnly)]
[UnconditionalSuppressMessage("SingleFile", "IL3000", Justification = CodeRequirements.MayHaveNoFile)]
internal static class AwaitPlaces
{
    private static readonly Guid s_steppingInformation = new("54FD2AC5-E925-401A-9C2A-F94F171072F8");
    private static readonly ConcurrentDictionary<(Type Machine, int State), string?> s_found = new();
    private static readonly ConcurrentDictionary<Assembly, MetadataReaderProvider?> s_symbols = new();

    /// <summary>Returns the file and line of the await at which a method with this state machine type and state is suspended; null without debug
    /// symbols.</summary>
    public static string? Find(Type stateMachine, int state) => s_found.GetOrAdd((Definition(stateMachine), state), static key => Look(key.Machine, key.State));

    private static Type Definition(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;

    private static string? Look(Type machine, int state)
    {
        try
        {
            var method = machine.GetMethod("MoveNext", BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
            if (method is null || s_symbols.GetOrAdd(machine.Assembly, Open) is not { } symbols) return null;
            var reader = symbols.GetMetadataReader();
            var handle = (MethodDefinitionHandle)MetadataTokens.EntityHandle(method.MetadataToken);
            int offset = YieldOffset(reader, handle, state);
            return offset < 0 ? null : LineAt(reader, handle, offset);
        }
        catch (Exception error) when (error is BadImageFormatException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            // The symbols belong to another build or cannot be read: the tree shows the method's name without a line.
            return null;
        }
    }

    private static MetadataReaderProvider? Open(Assembly assembly)
    {
        if (assembly.IsDynamic || assembly.Location.Length == 0) return null;
        using var image = new PEReader(File.OpenRead(assembly.Location));
        return image.TryOpenAssociatedPortablePdb(
            assembly.Location, static path => File.Exists(path) ? File.OpenRead(path) : null, out var symbols, out _) ? symbols : null;
    }

    private static int YieldOffset(MetadataReader reader, MethodDefinitionHandle method, int state)
    {
        foreach (var handle in reader.GetCustomDebugInformation(method))
        {
            var information = reader.GetCustomDebugInformation(handle);
            if (reader.GetGuid(information.Kind) != s_steppingInformation) continue;
            var blob = reader.GetBlobReader(information.Value);
            blob.ReadUInt32(); // the catch handler
            for (int i = 0; blob.RemainingBytes > 0; i++)
            {
                uint yield = blob.ReadUInt32();
                blob.ReadUInt32(); // the offset at which it resumes
                blob.ReadCompressedInteger(); // the method in which it resumes
                if (i == state) return (int)yield;
            }
        }

        return -1;
    }

    private static string? LineAt(MetadataReader reader, MethodDefinitionHandle method, int offset)
    {
        SequencePoint? last = null;
        foreach (var point in reader.GetMethodDebugInformation(method.ToDebugInformationHandle()).GetSequencePoints())
        {
            if (point.Offset > offset) break;
            if (!point.IsHidden) last = point;
        }

        if (last is not { } found) return null;
        string file = Path.GetFileName(reader.GetString(reader.GetDocument(found.Document).Name).Replace('\\', '/'));
        return string.Create(CultureInfo.InvariantCulture, $"{file}:{found.StartLine}");
    }
}
