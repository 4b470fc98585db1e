using System.Buffers;
using Samovar.Serialization.Plans;
using Samovar.Serialization.Platform;
using Samovar.Serialization.Types;
using Samovar.Serialization.Unsupported;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization;

/// <summary>The sending half of a connection: writes values and delegates, and numbers the types and methods they name.</summary>
/// <remarks>
/// <para>Any number of threads may write at once. Types and methods are defined once, in a log that only grows; a message names them by
/// number and says how many definitions it needs (<see cref="ShippedBody.DefinitionsNeeded"/>). Before a message goes to a receiver, that
/// receiver must have had as many: send it what it lacks with <see cref="WriteDefinitions"/>. Messages may therefore be written before it
/// is known who gets them, and be sent in any order.</para>
/// <para>A write that fails leaves the connection as it was: nothing is sent, live ports that it opened are closed, and definitions it
/// added are complete and wait to be used.</para>
/// </remarks>
public sealed class ShippingWriter
{
    [ThreadStatic]
    private static GraphWriter? t_spare;

    private readonly DefinitionWriter _definitions;
    private readonly ShippingOptions _options;

    /// <summary>Creates the sending half.</summary>
    /// <param name="options">Limits and codecs; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="PlatformNotSupportedException">The program is set up for compilation ahead of time, or was trimmed as a whole.</exception>
    public ShippingWriter(ShippingOptions? options = null)
    {
        WholeProgram.Require();
        _options = options ?? ShippingOptions.Default;
        _options.Validate();
        _definitions = new DefinitionWriter(StandardPlans.For(_options), _options);
    }

    /// <summary>How many definitions the connection has so far; a new receiver needs all that a message asks for.</summary>
    public int DefinitionCount => _definitions.Count;

    /// <summary>Writes a value, and holds it until it is copied to where it is to be.</summary>
    /// <param name="value">The value. It is read in full before the method returns; the caller sees to it that nobody changes it meanwhile.</param>
    /// <param name="connector">Where live values stay connected through; null refuses messages that hold any.</param>
    /// <typeparam name="T">Type of the root; <see cref="ShippingReader.Read{T}(ReadOnlySpan{byte}, LiveConnector?)"/> must be called with the same.</typeparam>
    /// <exception cref="UnshippableException">Something in the value cannot travel; the message names the member.</exception>
    public ShippedBody Prepare<T>(T value, LiveConnector? connector = null) => PrepareContinued(value, connector, known: null);

    /// <summary>Writes a message that continues another, whose objects the receiver still has: what is among them is referred to.</summary>
    internal ShippedBody PrepareContinued<T>(T value, LiveConnector? connector, IdentityTable? known)
    {
        var writer = t_spare ?? new GraphWriter();
        t_spare = null;
        writer.Begin(_definitions, _options, connector, known);
        try
        {
            while (!TryWrite(writer, value))
                writer.Reset(); // an exception was exchanged for its stand-in, or a closure needs more fields: the message is written again

            return new ShippedBody(writer);
        }
        catch
        {
            writer.RevokeExports();
            Release(writer);
            throw;
        }
    }

    /// <summary>Writes a value to an output, which gets either the whole message or nothing.</summary>
    /// <returns>How many definitions the receiver needs.</returns>
    /// <inheritdoc cref="Prepare{T}"/>
    /// <param name="output">Takes the message in one piece.</param>
    /// <param name="value">The value.</param>
    /// <param name="connector">Where live values stay connected through; null refuses messages that hold any.</param>
    public int Write<T>(IBufferWriter<byte> output, T value, LiveConnector? connector = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        using var body = Prepare(value, connector);
        body.CopyTo(output);
        return body.DefinitionsNeeded;
    }

    /// <summary>Writes definitions for a receiver that has had those before <paramref name="from"/>.</summary>
    /// <param name="from">How many the receiver has had; 0 for a new one.</param>
    /// <param name="to">How many it needs; at most <see cref="DefinitionCount"/>.</param>
    /// <param name="output">Takes the block, which <see cref="ShippingReader.ReadDefinitions"/> reads.</param>
    public void WriteDefinitions(int from, int to, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        _definitions.Write(from, to, output);
    }

    internal static void Release(GraphWriter writer)
    {
        writer.End();
        t_spare = writer;
    }

    private static bool TryWrite<T>(GraphWriter writer, T value)
    {
        try
        {
            writer.Plans.Slot<T>().Write(writer, value);
            writer.Drain();
            writer.CheckTotal();
            if (!writer.IsTooNarrow) return true;
            writer.RevokeExports();
            return false;
        }
        catch (UnsupportedValueException signal)
        {
            var path = UnsupportedValuePath.Find(value, signal.Culprit, writer.Plans);
            if (path is not null && Exchange(writer, path, signal))
            {
                writer.RevokeExports();
                return false;
            }

            throw Refuse(path, signal);
        }
        catch (Exception e) when (e is not (ShippingException or OutOfMemoryException))
        {
            // A collection that another thread changes meanwhile, a codec that cannot be made: nothing was sent, and the caller is told. Exhausted
            // memory says nothing of the value and passes as itself.
            throw new UnshippableException("value", value?.GetType() ?? typeof(T), $"could not be written: {e.GetType().Name}: {e.Message}", e);
        }
    }

    // The innermost exception that holds the culprit and can be exchanged travels as text instead.
    private static bool Exchange(GraphWriter writer, UnsupportedValuePath.Step path, UnsupportedValueException signal)
    {
        foreach (var step in path.Upwards())
        {
            if (step.Value is Exception exception and not RemoteException && !writer.HasSubstitute(exception) && CanHoldStandIn(step))
            {
                writer.Substitute(exception, RemoteException.From(exception, $"{path}: {TypeNames.Short(path.Value.GetType())} {signal.Message}"));
                return true;
            }
        }

        return false;
    }

    // A field declared as the exact exception type has no room for the stand-in; its owner must be exchanged instead.
    private static bool CanHoldStandIn(UnsupportedValuePath.Step step) => step.Owner is not { } owner
        || owner.Value.GetType() is var type && (type.IsArray ? type.GetElementType()!.IsAssignableFrom(typeof(RemoteException))
            : TravellingFields.Of(type).Where(f => TypeNames.MemberName(f.Name) == step.Name)
                .All(f => f.FieldType.IsAssignableFrom(typeof(RemoteException))));

    private static UnshippableException Refuse(UnsupportedValuePath.Step? path, UnsupportedValueException signal)
    {
        string reason = signal.Message;
        if (path?.Upwards().FirstOrDefault(s => s.Name is "this" or "closure.this") is { } captured)
        {
            reason += $". The lambda captured 'this' ({TypeNames.Short(captured.Value.GetType())}) because it uses a member of it; "
                + "copy what it needs into a local variable first";
        }
        else if (path is not null && SharedClosureHint.VariableOn(path) is { } variable)
        {
            reason += $". If the lambda does not use '{variable}' itself, a neighbour captured it: the code of the lambda could not be followed, so that "
                + "it brings along all captured variables of its block; give it a block of its own";
        }

        return new UnshippableException(
            path?.ToString() ?? "value", path?.Value.GetType() ?? signal.Culprit?.GetType() ?? typeof(object), reason, signal.InnerException);
    }
}
