using Samovar.Serialization.Types;
using Samovar.Tasks.Core;

namespace Samovar.Serialization;

/// <summary>The exception thrown when a value cannot leave this process. The message names the member and the reason, and suggests what to do
/// instead.</summary>
/// <remarks>Nothing was sent, and the connection is unchanged: the next value can be written.</remarks>
public sealed class UnshippableException : ShippingException, IUnrepeatable
{
    /// <summary>Initializes the exception.</summary>
    /// <param name="memberPath">The path from the written value to the member that cannot travel, such as <c>closure.reader._stream</c>.</param>
    /// <param name="culprit">The type of the value that cannot travel.</param>
    /// <param name="reason">Why it cannot travel and what to do instead; continues a sentence that begins with the type's name.</param>
    /// <param name="innerException">The exception of a codec or of a member that was read, or null.</param>
    public UnshippableException(string memberPath, Type culprit, string reason, Exception? innerException = null)
        : base($"{memberPath}: {TypeNames.Short(culprit)} {reason}", innerException)
    {
        MemberPath = memberPath;
        Culprit = culprit;
    }

    /// <summary>Gets the path from the written value to the member that cannot travel, such as <c>closure.reader._stream</c>.</summary>
    public string MemberPath { get; }

    /// <summary>Gets the type of the value that cannot travel.</summary>
    public Type Culprit { get; }
}
