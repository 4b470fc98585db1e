namespace Samovar.Cluster.Protocol;

/// <summary>The exception that is thrown when a message of a member does not have the form of its kind.</summary>
internal sealed class MessageFormatException(string message) : Exception(message);
