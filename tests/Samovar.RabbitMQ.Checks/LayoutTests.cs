namespace Samovar.RabbitMQ.Checks;

public sealed class LayoutTests
{
    [ThreadFact]
    public void Public_types_are_in_the_namespace_of_the_library_and_internal_ones_in_that_of_the_package() =>
        typeof(RabbitMQTransport).Assembly.GetTypes().Where(static type => type.DeclaringType is null && type.Namespace?.StartsWith("Samovar", StringComparison.Ordinal) == true)
            .Where(static type => type.IsPublic ? type.Namespace != "Samovar" : !type.Namespace!.StartsWith("Samovar.RabbitMQ.", StringComparison.Ordinal))
            .Select(static type => type.FullName).ShouldBeEmpty();

    [ThreadFact]
    public void The_public_types_are_the_transport_and_its_options() =>
        typeof(RabbitMQTransport).Assembly.GetExportedTypes().Select(static type => type.Name).ShouldBe([nameof(RabbitMQTransport), nameof(RabbitMQTransportOptions)], ignoreOrder: true);
}
